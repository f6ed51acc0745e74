const MAX = 100;
const visits = [];

exports.visit = (req) => {
  visits.push({ url: req.originalUrl, agent: req.get('user-agent'), at: Date.now() });
  if (visits.length > MAX) visits.shift();
};

exports.recent = () => visits.slice(-10);
