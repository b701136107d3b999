const base = require('./jest.config.js');

/** What needs Python or a browser: `npm run verify`. */
module.exports = { ...base, testMatch: ['**/*.verify.ts', '**/*.browser.ts'], maxWorkers: 2, testTimeout: 120_000 };
