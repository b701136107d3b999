import type { Finding } from '../../../lib/review/finding';
import type { Place } from '../../../lib/review/places/place';
import type { Review } from '../../../lib/review/review';
import { place, REGIONS } from './sample-places';
import { sampleReview } from './sample-review';

const TYPES = [
  'AWS::EC2::SecurityGroupIngress',
  'AWS::IAM::Policy',
  'AWS::CloudWatch::Alarm',
  'AWS::Logs::LogGroup',
  'AWS::SQS::Queue',
];

/** As large as they come: 1,000 resources, and by default 500 acknowledged findings that 100 acknowledgements answer for. */
export function bigReview(open = 0, acknowledged = 500): Review {
  const places = Array.from({ length: 1000 }, (_, index): Place => {
    const region = REGIONS[index % REGIONS.length];
    return place(region, TYPES[index % TYPES.length], `Part${index % 17}/Group${index % 29}/Resource${index}`, index * 13);
  });
  const finding = (index: number): Finding => ({
    id: `NIST.800.53.R5::NIST.800.53.R5-Rule${index % 40}`,
    severity: index % 3 === 0 ? 'error' : 'warning',
    message: `The resource does not do what rule ${index % 40} wants - (Control IDs: AC-4(26), AU-2b, AU-3a, AU-3b, AU-3c, AU-12a).`,
    place: places[(index * 7) % places.length],
  });
  const sample = sampleReview();
  return {
    ...sample,
    findings: [
      ...Array.from({ length: open }, (_, index) => finding(index)),
      ...Array.from({ length: acknowledged }, (_, index) => ({ ...finding(index), acknowledgement: index % 100 })),
    ],
    acknowledgements: Array.from({ length: 100 }, (_, index) => ({
      id: `NIST.800.53.R5::NIST.800.53.R5-Rule${index % 40}`,
      reason: `The rule guards against something that reason ${index % 12} shows cannot happen here, and an alarm tells when it does.`,
      path: `stage4/Shop/Product/Part${index % 17}`,
      form: 'cdk',
      covers: acknowledged / 100,
    })),
    statements: Array.from({ length: 100 }, (_, index) => ({ ...sample.statements[0], place: places[index] })),
    state: places.slice(0, 150).map((at) => ({ ...sample.state[0], place: at })),
    encryption: places.slice(0, 300).map((at) => ({ ...sample.encryption[0], place: at })),
    changes: { ...sample.changes!, added: places },
  };
}
