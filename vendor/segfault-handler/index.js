// naudiodon requires this unconditionally; see package.json "overrides".
exports.registerHandler = () => {};
