const pending = []; // leak
let sending = false;

async function send(batch) {
  throw new Error(`no collector for ${batch.length} errors`);
}

/** Collects errors until they can be sent, and keeps those that could not. */
exports.report = async (error) => {
  pending.push({ error, stack: error.stack, at: Date.now() }); // leak
  if (sending) return;
  sending = true;
  try {
    await send(pending);
    pending.length = 0;
  } catch {
    // Next time.
  } finally {
    sending = false;
  }
};
