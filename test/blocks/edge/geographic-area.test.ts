import { GeographicArea } from '../../../lib/blocks/edge/geographic-area';

describe('a geographic area', () => {
  test.each<[GeographicArea, string]>([
    [GeographicArea.AFRICA, 'AF'],
    [GeographicArea.ASIA, 'AS'],
    [GeographicArea.EUROPE, 'EU'],
    [GeographicArea.NORTH_AMERICA, 'NA'],
    [GeographicArea.OCEANIA, 'OC'],
    [GeographicArea.SOUTH_AMERICA, 'SA'],
    [GeographicArea.continent('AN'), 'AN'],
  ])('may be a continent', ({ key, location }, code) => {
    expect([key, location.continentCode, location.countryCode]).toEqual([`continent-${code}`, code, undefined]);
  });

  test('may be a country', () => {
    const { key, location } = GeographicArea.country('DE');
    expect([key, location.continentCode, location.countryCode]).toEqual(['country-DE', undefined, 'DE']);
  });

  test('of a continent is another than that of the country with the same letters', () => {
    expect(GeographicArea.country('NA').key).not.toBe(GeographicArea.NORTH_AMERICA.key);
  });

  test.each(['XX', 'eu', 'Europe', ''])("fails for the continent '%s'", (code) => {
    expect(() => GeographicArea.continent(code)).toThrow(
      new Error(`continent must be one of AF, AN, AS, EU, OC, NA, SA, got: '${code}'`),
    );
  });

  test.each(['de', 'DEU', 'D', '', 'D1', 'DE\n'])("fails for the country '%s'", (code) => {
    expect(() => GeographicArea.country(code)).toThrow(
      new Error(`country must be two capital letters such as DE, got: '${code}'`),
    );
  });
});
