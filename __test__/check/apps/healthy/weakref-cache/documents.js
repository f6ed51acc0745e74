const documents = new Map();
const gone = new FinalizationRegistry((id) => {
  if (documents.get(id)?.deref() === undefined) documents.delete(id);
});

/** The same document for the same id, as long as somebody has it. */
exports.documentOf = (id) => {
  let document = documents.get(id)?.deref();
  if (!document) {
    document = { title: id, words: Array.from({ length: 60 }, (_, i) => `${id} ${i}`) };
    documents.set(id, new WeakRef(document));
    gone.register(document, id);
  }
  return document;
};
