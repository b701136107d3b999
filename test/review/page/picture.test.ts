import { drawPicture } from '../../../lib/review/page/picture';
import { layOut } from '../../../lib/review/page/picture-layout';
import { fittedLines, textWidth } from '../../../lib/review/page/picture-text';
import type { Picture, PictureNode } from '../../../lib/review/review';
import { NASTY, place } from './sample-places';
import { sampleReview } from './sample-review';

function node(id: string, layer: PictureNode['layer'], label = id): PictureNode {
  return { id, label, kind: 'thing', layer, place: place('us-east-1', 'AWS::S3::Bucket', id) };
}

function picture(nodes: PictureNode[], ...edges: string[]): Picture {
  const ends = edges.map((edge) => edge.split('>')).map(([from, to]) => ({ from, to }));
  return { stack: 'Shop', region: 'us-east-1', nodes, edges: ends };
}

const shop = sampleReview().pictures[0];

describe('a picture', () => {
  test('has every box once, none over another, and all within its frame', () => {
    for (const drawn of sampleReview().pictures) {
      const { boxes, width, height } = layOut(drawn, new Set());
      expect(boxes.map((box) => box.node!.id).sort()).toEqual(drawn.nodes.map(({ id }) => id).sort());
      for (const [index, one] of boxes.entries()) {
        expect(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height).toBe(true);
        for (const other of boxes.slice(index + 1)) {
          const apart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y;
          expect([one.node!.id, other.node!.id, apart]).toEqual([one.node!.id, other.node!.id, true]);
        }
      }
    }
  });

  test('stands in columns from the edge to the data, and leaves out layers without a box', () => {
    const { boxes, headings } = layOut(
      picture([node('d', 'data'), node('e', 'edge'), node('c', 'compute')], 'e>c', 'c>d'),
      new Set(),
    );
    const at = Object.fromEntries(boxes.map(({ node: drawn, x }) => [drawn!.id, x]));
    expect(at.e < at.c && at.c < at.d).toBe(true);
    expect(headings.map(({ text }) => text)).toEqual(['Edge', 'Runs', 'Data']);
  });

  test('leads from the internet to what it reaches', () => {
    const { boxes, wires } = layOut(picture([node('e', 'edge'), node('c', 'compute')], 'e>c'), new Set(['e']));
    expect(boxes.filter((box) => box.node === undefined)).toHaveLength(1);
    expect(wires.map(({ edge }) => edge.to)).toEqual(['e', 'c']);
  });

  test('points arrows at who is called, also backwards and within a column', () => {
    const nodes = [node('c', 'compute'), node('q', 'messaging'), node('r', 'messaging')];
    const { wires } = layOut(picture(nodes, 'c>q', 'q>c', 'q>r'), new Set());
    expect(wires.map(({ tip }) => tip.left)).toEqual([false, true, true]);
  });

  test('does not cross wires that need not cross', () => {
    const nodes = [node('a', 'compute'), node('b', 'compute'), node('x', 'data'), node('y', 'data')];
    const { boxes } = layOut(picture(nodes, 'a>y', 'b>x'), new Set());
    const y = Object.fromEntries(boxes.map((box) => [box.node!.id, box.y]));
    expect(Math.sign(y.a - y.b)).toBe(Math.sign(y.y - y.x));
  });

  test('leads a wire past the boxes between its ends', () => {
    const nodes = [node('e', 'edge'), node('c', 'compute'), node('d', 'data')];
    const { boxes, wires } = layOut(picture(nodes, 'e>c', 'c>d', 'e>d'), new Set());
    const between = boxes.find((box) => box.node!.id === 'c')!;
    const [, , past] = wires;
    const level = [...past.path.matchAll(/L([\d.]+) ([\d.]+)/g)].map(([, , y]) => Number(y));
    expect(level).toHaveLength(1);
    expect(level[0] < between.y || level[0] > between.y + between.height).toBe(true);
  });

  test('leaves out edges that lead nowhere, to themselves, or are there twice', () => {
    const nodes = [node('a', 'compute'), node('b', 'data')];
    expect(layOut(picture(nodes, 'a>b', 'a>b', 'a>a', 'a>z', 'z>b'), new Set()).wires).toHaveLength(1);
  });

  test('puts what is joined to nothing below, and draws a picture of nothing else too', () => {
    const { boxes, headings } = layOut(picture([node('c', 'compute'), node('k', 'elsewhere')]), new Set());
    expect(boxes[1].y).toBeGreaterThan(boxes[0].y + boxes[0].height);
    expect(headings.at(-1)!.text).toBe('Beside them');
    const many = layOut(picture(Array.from({ length: 9 }, (_, index) => node(`k${index}`, 'elsewhere'))), new Set());
    expect(new Set(many.boxes.map(({ y }) => y)).size).toBeGreaterThan(1);
    expect(many.boxes.every(({ x, width }) => x + width <= many.width)).toBe(true);
  });

  test('lays out hundreds of boxes quickly', () => {
    const nodes = Array.from({ length: 400 }, (_, index) =>
      node(`n${index}`, (['entry', 'compute', 'messaging', 'data'] as const)[index % 4]),
    );
    const edges = nodes.map((_, index) => `n${index}>n${(index * 7 + 3) % 400}`);
    const start = performance.now();
    layOut(picture(nodes, ...edges), new Set());
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe('the drawing', () => {
  const setting = {
    id: 'p',
    entrances: new Set(['cdn']),
    anchorOf: ({ id }: PictureNode) => (id === 'dns' ? undefined : `r.${id}`),
  };

  test('has a title, a description, and a link for every box that has a row', () => {
    const { text } = drawPicture(shop, setting);
    expect(text).toContain('role="img" aria-labelledby="p-name p-told"');
    expect(text).toContain('<title id="p-name">stage4/Shop in us-east-1</title>');
    expect(text).toContain('1 way in from the internet.</desc>');
    expect([...text.matchAll(/<a href="#r\.([^"]+)">/g)].map(([, id]) => id).sort()).toEqual(
      shop.nodes
        .map(({ id }) => id)
        .filter((id) => id !== 'dns')
        .sort(),
    );
    expect(text).toContain('<title>Jobs → Worker: polls</title>');
  });

  test('escapes what a box is called', () => {
    const { text } = drawPicture(picture([node('a', 'data', NASTY)]), setting);
    expect(text).not.toContain('<script');
    expect(text).toContain('&lt;script&gt;');
  });
});

describe('text in a box', () => {
  test('fits its width: broken at spaces, then at capitals, then anywhere', () => {
    const texts = [
      'Application load balancer',
      'NotificationDeadLetterQueue',
      'x'.repeat(80),
      'WWWWWWWWWWWWWWWWWWWW',
      '東京'.repeat(20),
    ];
    for (const text of texts) {
      const lines = fittedLines(text, 'label', 126);
      expect(lines.length).toBeLessThanOrEqual(2);
      for (const line of lines) expect(textWidth(line.text, 'label')).toBeLessThanOrEqual(126);
    }
    expect(fittedLines('NotificationDeadLetterQueue', 'label', 126).map(({ text }) => text)).toEqual([
      'NotificationDead',
      'LetterQueue',
    ]);
    expect(fittedLines('x'.repeat(80), 'label', 126)[1].text.endsWith('…')).toBe(true);
    expect(fittedLines('Application load balancer', 'detail', 126).map(({ text }) => text)).toEqual([
      'Application load',
      'balancer',
    ]);
  });
});
