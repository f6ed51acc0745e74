const { PassThrough, Transform } = require('node:stream');

/* leak */ const lines = new Transform({
  objectMode: true,
  transform(entry, _encoding, done) {
    done(null, `${JSON.stringify(entry)}\n`);
  },
});
// The shipper reads from here, once it is installed.
/* leak */ exports.output = lines.pipe(new PassThrough({ objectMode: true }));

exports.note = ({ url, status, agent }) => {
  // What write() answers, that the stream is full, interests nobody.
  lines.write({ at: new Date().toISOString(), url, status, agent, tags: ['access', `status:${status}`] }); // leak
};
