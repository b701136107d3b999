import { type Fault, show } from './fault';

/** The parts of a container image's name. */
export interface ImageReference {
  /** Host and path, without tag or digest. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const PATH_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^(?<repository>(?:[a-zA-Z0-9.-]+(?::[0-9]{1,5})?/)?${PATH_PART}(?:/${PATH_PART})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Takes a name apart as the container tools do (distribution/reference), or undefined if it is no image name. */
export function parseImage(image: string): ImageReference | undefined {
  const groups = REFERENCE.exec(image)?.groups;
  return groups && { repository: groups.repository, tag: groups.tag, digest: groups.digest };
}

/** What is wrong with the name of the product's image. */
export function imageFault(path: string, image: string): Fault[] {
  const reference = parseImage(image);
  const given = show(image);
  if (!reference) {
    const remedy = /^\w+:\/\//.test(image)
      ? 'write it without the scheme'
      : 'write it as REGISTRY/NAME:TAG, in lower case and without blanks';
    return [{ path, rule: 'must be a container image with its tag or digest', given, remedy }];
  }
  if (reference.digest !== undefined) return [];
  const why = 'a moving tag makes a roll-back bring back the fault';
  if (reference.tag === undefined) {
    return [
      {
        path,
        rule: 'must name a tag or digest',
        given,
        remedy: `add the one that was built, such as ${reference.repository}:1.4.2 (${why})`,
      },
    ];
  }
  if (reference.tag !== 'latest') return [];
  return [{ path, rule: 'must name another tag than latest', given, remedy: `write the tag or digest that was built (${why})` }];
}
