import { checksFor } from '../../../lib/review/checks/list';

const PACKS = [
  'ControlTower',
  'CloudFormation-Validate',
  'AwsSolutions',
  'HIPAA.Security',
  'NIST.800.53.R4',
  'NIST.800.53.R5',
  'PCI.DSS.321',
  'Serverless',
  'ScaleTiers',
];

describe('the list of checks', () => {
  test('has every pack once, the slowest first', () => {
    expect(checksFor().map(({ pack }) => pack)).toEqual(PACKS);
    expect(checksFor().every(({ title }) => title.length > 5)).toBe(true);
  });

  test('takes some of them only', () => {
    expect(checksFor({ only: ['ScaleTiers', 'AwsSolutions'] }).map(({ pack }) => pack)).toEqual(['AwsSolutions', 'ScaleTiers']);
  });

  test('knows what it does not have', () => {
    expect(() => checksFor({ only: ['AwsSolution'] })).toThrow(
      `there is no check 'AwsSolution', take any of ${PACKS.join(', ')}`,
    );
  });
});
