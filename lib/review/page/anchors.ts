import type { Place } from '../places/place';
import type { Review } from '../review';

/** A stack in one Region: what the filter offers. */
export interface StackChoice {
  readonly stack: string;
  readonly region: string;
}

/** A row that says something about a resource. */
export interface Mention {
  readonly about: 'open' | 'acknowledged' | 'entrance' | 'state' | 'encryption' | 'statement' | 'change';
  readonly anchor: string;
}

/** The names of the rows of a page, and what is said about each resource. Rows are numbered as in `review.json`. */
export class Anchors {
  /** All stacks, in the order of their index. */
  public readonly stacks: StackChoice[] = [];
  /** Every resource that some row is about, by its anchor. */
  public readonly resources = new Map<string, { readonly place: Place; readonly mentions: Mention[] }>();
  private readonly stackIndex = new Map<string, number>();

  public constructor(review: Review) {
    for (const { stack, region } of review.stacks) this.indexOf(stack, region);
    review.entrances.forEach(({ place, path }, index) => {
      for (const passed of [place, ...path]) this.mention(passed, 'entrance', `entrance-${index}`);
    });
    review.state.forEach(({ place }, index) => {
      this.mention(place, 'state', `state-${index}`);
    });
    review.encryption.forEach(({ place }, index) => {
      this.mention(place, 'encryption', `encryption-${index}`);
    });
    review.statements.forEach(({ place }, index) => {
      this.mention(place, 'statement', `statement-${index}`);
    });
    review.findings.forEach(({ place, acknowledgement }, index) => {
      if (place) this.mention(place, acknowledgement === undefined ? 'open' : 'acknowledged', `finding-${index}`);
    });
    for (const { nodes } of review.pictures) for (const { place } of nodes) this.resourceOf(place);
    review.changes?.added.forEach((place, index) => {
      this.mention(place, 'change', `added-${index}`);
    });
    review.changes?.changed.forEach(({ place }, index) => {
      this.mention(place, 'change', `changed-${index}`);
    });
    // What is gone has no row of its own, but the filter offers its stack.
    for (const place of review.changes?.removed ?? []) this.stack(place);
    for (const { place } of review.changes?.promotion.problems ?? []) this.stack(place);
  }

  /** Anchor of the resource's row, or nothing for one that this assembly does not hold. */
  public resource(place: Place): string | undefined {
    const anchor = this.anchorOf(place);
    return this.resources.has(anchor) ? anchor : undefined;
  }

  /** Index of the stack a place is in. */
  public stack({ stack, region }: Place): number {
    return this.indexOf(stack, region);
  }

  /** Indexes of all stacks with this construct path, for what does not tell its Region. */
  public stacksAt(path: string | undefined): number[] {
    return this.stacks.flatMap(({ stack }, index) => (stack === path ? [index] : []));
  }

  private mention(place: Place, about: Mention['about'], anchor: string): void {
    const { mentions } = this.resourceOf(place);
    if (!mentions.some((other) => other.anchor === anchor)) mentions.push({ about, anchor });
  }

  private resourceOf(place: Place): { readonly mentions: Mention[] } {
    const anchor = this.anchorOf(place);
    const known = this.resources.get(anchor);
    if (known) return known;
    const resource = { place, mentions: [] };
    this.resources.set(anchor, resource);
    return resource;
  }

  /** Readable, so that a link to it can be kept: `r0.DatabaseCluster5B53A178`. */
  private anchorOf(place: Place): string {
    const name = place.logicalId.replace(/[^A-Za-z0-9]/gu, (character) => `_${character.codePointAt(0)!.toString(16)}_`);
    return `r${this.stack(place)}.${name}`;
  }

  private indexOf(stack: string, region: string): number {
    const key = JSON.stringify([stack, region]);
    const known = this.stackIndex.get(key);
    if (known !== undefined) return known;
    this.stackIndex.set(key, this.stacks.length);
    return this.stacks.push({ stack, region }) - 1;
  }
}
