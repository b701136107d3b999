const base = require('./jest.config.js');

/** What boots a server and moves databases for real: `npm run rehearse`, as root on Debian. */
module.exports = { ...base, testMatch: ['**/*.rehearsal.ts'], maxWorkers: 2, testTimeout: 600_000 };
