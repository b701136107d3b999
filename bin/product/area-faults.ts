import { type Fault, show } from './fault';
import { CONTINENTS, COUNTRIES, COUNTRIES_WITHOUT_RECORD } from './geography';
import type { SoundProduct } from './schema-faults';

/** What is wrong with whom the further Regions serve; the parameters are those of `meaningFaults`. */
export function areaFaults({ furtherRegions = [], domain }: SoundProduct, faulty: Set<string>): Fault[] {
  const faults: Fault[] = [];
  const served = new Map<string, string>();
  const geolocated = furtherRegions.some((entry) => entry?.serves !== undefined);
  for (const [index, entry] of furtherRegions.entries()) {
    if (entry === undefined) continue;
    const path = `$.furtherRegions[${index}].serves`;
    if (geolocated && entry.serves === undefined) {
      const rule = 'must be given, because another further Region says whom it serves';
      faults.push({
        path,
        rule,
        given: 'nothing',
        remedy: 'name whom this Region serves, or leave serves out everywhere to route by latency',
      });
    }
    if (entry.serves !== undefined && domain === undefined && !faulty.has('$.domain')) {
      const rule = 'must not be there without a domain, in whose zone the areas are kept';
      faults.push({ path, rule, given: show(entry.serves), remedy: 'give domain, or leave serves out' });
    }
    for (const [number, area] of (entry.serves ?? []).entries()) {
      const key = area?.continent === undefined ? 'country' : 'continent';
      const code = area?.[key];
      if (code === undefined) continue;
      const here = `${path}[${number}].${key}`;
      const before = served.get(`${key} ${code}`);
      if (key === 'country') faults.push(...countryFault(here, code));
      if (before !== undefined) {
        const rule = `must be served by one Region, and ${before} has it already`;
        faults.push({ path: here, rule, given: show(code), remedy: 'delete one of the two' });
      }
      served.set(`${key} ${code}`, here);
    }
  }
  return faults;
}

function countryFault(path: string, code: string): Fault[] {
  const fault = { path, given: show(code) };
  if (COUNTRIES_WITHOUT_RECORD.includes(code)) {
    return [
      {
        ...fault,
        rule: 'must be a country Route 53 keeps records for',
        remedy: 'delete it (Route 53 has none for BV, CX, EH and HM)',
      },
    ];
  }
  if (COUNTRIES.includes(code)) return [];
  const rule = 'must be an ISO 3166-1 code of two capital letters';
  if (code === 'UK') return [{ ...fault, rule, remedy: 'did you mean GB?' }];
  if (CONTINENTS.includes(code)) return [{ ...fault, rule, remedy: `did you mean { "continent": "${code}" }?` }];
  const upper = code.toUpperCase();
  return [
    { ...fault, rule, remedy: COUNTRIES.includes(upper) ? `did you mean ${upper}?` : "write the country's code, such as DE" },
  ];
}
