const names = new Intl.DisplayNames(['en'], { type: 'region' });

exports.write = (rows) => rows.map((row) => `- ${row.city} (${names.of('FR')})`).join('\n');
