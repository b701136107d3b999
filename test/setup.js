// The built-in template validator takes 80 % of synthesis time and starts its engine anew in every test file;
// test/policy.test.ts runs it on purpose, once, in strict mode.
process.env.CDK_VALIDATION = 'false';
// TableV2 warns about its own parameters whenever it is made; nothing here could heed it.
process.env.JSII_DEPRECATED = 'quiet';
