import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as fc from 'fast-check';
import { sentence } from '../../bin/product/fault';
import { readJsonText } from '../../bin/product/json-text';
import { productFaults, readProductFile } from '../../bin/product/product-file';
import { SCHEMA_FILE } from '../../bin/product/schema-faults';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');
const GLOBAL = path.join(EXAMPLES, 'shop-10m-global.json');

type Keys = (string | number)[];
/** A path, as keys, and the value to put there; undefined deletes. */
type Change = [Keys, unknown];

/** Lines the Stage 4 example gives after some changes. */
function faultsAfter(...changes: Change[]): string[] {
  const product = JSON.parse(fs.readFileSync(GLOBAL, 'utf8'));
  for (const [keys, value] of changes) {
    const last = keys[keys.length - 1];
    const holder = keys.slice(0, -1).reduce((at, key) => at[key], product);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return productFaults(product).map(sentence);
}

/** Lines a text gives as a file named product.json. */
function faultsOf(text: string | Buffer): string[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'product-'));
  try {
    fs.writeFileSync(path.join(folder, 'product.json'), text);
    return readProductFile('product.json', folder).faults;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const CERTIFICATE = 'certificate/12345678-1234-1234-1234-123456789012';
const COMMERCIAL = RegionInfo.regions.filter((region) => region.partition === 'aws').map((region) => region.name);
const KNOWN =
  '$schema, name, stage, account, region, image, port, healthCheckPath, container, domain, availabilityZones, vpcCidr, server, furtherRegions, sizes, tracedPercent, services, firewall, releases, signIn, email, searchFeed, archive, audit, tags';
const NAME_ALLOWED = 'a letter, then at most 63 letters, digits or hyphens';
const NAME_DO = 'choose a name for the CloudFormation stack, such as Shop';
const PORT = 'must be a whole number from 1 to 65535';
const PORT_DO = 'write the port the container listens on, without quotes';
const TRACED = 'must be a number above 0 and up to 100';
const TRACED_DO = 'write the percentage without quotes, such as 5, or leave it out to trace nothing';
const PATH = "must be a path that starts with '/', without blanks, of at most 1024 characters";
const PATH_DO = 'write the path alone, such as /healthz, without host or port';
const DOMAIN = 'must be a domain name in lower case, without a dot at the end';
const DOMAIN_DO = 'write the name alone, such as shop.example.com';
const ZONE_ID = 'must be a hosted zone id: Z, then at most 31 capital letters and digits';
const ZONE_ID_DO = 'copy it from `aws route53 list-hosted-zones`, without /hostedzone/';
const RANGE = 'must be an IPv4 range from /16 to /18 that starts at its network address';
const RANGE_DO = 'write a range such as 10.40.0.0/16; it can never change';
const OVERLAP_DO = 'choose another range (Regions whose ranges overlap can never be joined)';
const IMAGE = 'must be a container image with its tag or digest';
const IMAGE_DO = 'write it as REGISTRY/NAME:TAG, in lower case and without blanks';
const MOVING = '(a moving tag makes a roll-back bring back the fault)';
const ZONES = 'must be a zone of us-east-1 (us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f)';
const ZONES_DO = 'write one of these names (an id such as use1-az1 is no name)';
const CONTAINER = 'must be an object with at least one of user, ownUser and writableFiles, and not both of the first two';
const CONTAINER_DO = 'write what the image needs, such as { "user": 101 }, or leave container out';
const USER = 'must be the id of a user other than root, a whole number from 1 to 65535';
const USER_DO = 'write the number without quotes, such as 101, or say in ownUser why the image decides';
const REASON = 'must be a reason in six words or more';
const OWN_USER_DO = 'say why it cannot run as another user, and what makes up for it';
const WRITABLE_DO = 'say why /tmp is not enough, and what makes up for it';
const SIX_WORDS = 'it changes owners before it starts';
const SERVER = 'must be an object with one of database, movedOut, retired, retiredWithoutRecord and never';
const SERVER_DO = 'keep one of the five, such as { "database": "on-server" }, or leave server out';
const AREA = 'must be an object with one of continent and country';
const AREA_DO = 'keep one of the two, such as { "continent": "EU" }';
const COUNTRY = 'must be an ISO 3166-1 code of two capital letters';
const ISSUED = 'name a certificate from there, or leave it out to have one issued';
const TAG_VALUE = 'must be a tag value: 1 to 256 letters, digits, blanks or _.:/=+-@, in quotes';
const SERVICE_DO = 'write it as { "name": "billing", "paths": ["/billing/*"] }';
const SERVICE_NAME = 'a letter, then at most 29 letters, digits or hyphens, in lower case';
const SERVICE_NAME_DO = 'write the name that others call it by, such as billing';
const NO_DOMAIN_DO = 'give domain, or leave it out';
const ADDRESS = 'must be an address or a range that starts where it says, from /1 on';
const ADDRESS_DO = 'write it as in 192.0.2.0/24 or 2001:db8::/32';
const RELEASES = 'must be an object with one of rolling, canary, linear and blueGreen';
const RELEASES_DO = 'keep one of the four, such as { "canary": { "percent": 10, "minutes": 5 } }, or leave releases out';
const EMAIL = 'must be an object with one of localPart and address';
const EMAIL_DO = 'keep one of the two, such as { "localPart": "no-reply" }, or leave email out';
const FURTHER_DO = 'delete this further Region or name another';
const SERVES_ALL = [
  [['furtherRegions', 0, 'serves'], [{ country: 'MX' }]],
  [['furtherRegions', 1, 'serves'], [{ continent: 'EU' }]],
  [['furtherRegions', 2, 'serves'], [{ continent: 'AS' }]],
] as Change[];

/** What is wrong, the changes that make it so, and every line they give. */
const BAD: [string, Change[], string[]][] = [
  // Missing, empty and of the wrong kind
  ['no name', [[['name'], undefined]], [`$.name must be given (${NAME_ALLOWED}), got nothing: ${NAME_DO}`]],
  ['an empty name', [[['name'], '']], [`$.name must be ${NAME_ALLOWED}, got "": ${NAME_DO}`]],
  ['a name that starts with a digit', [[['name'], '2shop']], [`$.name must be ${NAME_ALLOWED}, got "2shop": ${NAME_DO}`]],
  ['a name with an underscore', [[['name'], 'my_shop']], [`$.name must be ${NAME_ALLOWED}, got "my_shop": ${NAME_DO}`]],
  ['a name of 65 letters', [[['name'], 'x'.repeat(65)]], [`$.name must be ${NAME_ALLOWED}, got "${'x'.repeat(65)}": ${NAME_DO}`]],
  [
    'no stage',
    [[['stage'], undefined]],
    ['$.stage must be given (1, 2, 3 or 4), got nothing: write the stage as a number, without quotes'],
  ],
  ['stage 5', [[['stage'], 5]], ['$.stage must be 1, 2, 3 or 4, got 5: write the stage as a number, without quotes']],
  [
    'a stage in quotes',
    [[['stage'], '2']],
    ['$.stage must be 1, 2, 3 or 4, got "2": write the stage as a number, without quotes'],
  ],
  ['half a stage', [[['stage'], 1.5]], ['$.stage must be 1, 2, 3 or 4, got 1.5: write the stage as a number, without quotes']],
  [
    'an account as a number',
    [[['account'], 123456789012]],
    ['$.account must be 12 digits in quotes, got 123456789012: copy it from `aws sts get-caller-identity`'],
  ],
  [
    'an account of 11 digits',
    [[['account'], '12345678901']],
    ['$.account must be 12 digits in quotes, got "12345678901": copy it from `aws sts get-caller-identity`'],
  ],
  ['a null for a text', [[['name'], null]], [`$.name must be ${NAME_ALLOWED}, got null: ${NAME_DO}`]],
  // Regions
  [
    'no Region',
    [[['region'], undefined]],
    ['$.region must be given (an AWS Region), got nothing: name the Region the product starts in, such as eu-central-1'],
  ],
  [
    'an empty Region',
    [[['region'], '']],
    ['$.region must be an AWS Region, got "": name the Region the product starts in, such as eu-central-1'],
  ],
  [
    'a misspelt Region',
    [[['region'], 'us-esat-1']],
    ['$.region must be an AWS Region, got "us-esat-1": did you mean us-east-1?'],
  ],
  [
    'a zone for a Region',
    [[['region'], 'us-east-1a']],
    ['$.region must be an AWS Region, got "us-east-1a": did you mean us-east-1?'],
  ],
  [
    'a Region like no other',
    [[['furtherRegions', 2, 'region'], 'moon-1']],
    [`$.furtherRegions[2].region must be an AWS Region, got "moon-1": choose one of ${COMMERCIAL.join(', ')}`],
  ],
  [
    'a Region of another partition',
    [[['region'], 'cn-north-1']],
    [
      '$.region must be a Region of the partition aws, got "cn-north-1": choose another ' +
        "(CloudFront's certificate and firewall stand in us-east-1, out of reach of the others)",
    ],
  ],
  [
    'the primary Region as a further one',
    [[['furtherRegions', 1, 'region'], 'us-east-1']],
    [`$.furtherRegions[1].region must be another Region than the primary one, got "us-east-1": ${FURTHER_DO}`],
  ],
  [
    'a Region twice',
    [[['furtherRegions', 2, 'region'], 'us-west-2']],
    [`$.furtherRegions[2].region must be there once, as $.furtherRegions[0].region is, got "us-west-2": ${FURTHER_DO}`],
  ],
  [
    'stage 4 without further Regions',
    [[['furtherRegions'], undefined]],
    [
      '$.furtherRegions must be given (a list of at least one Region beside the primary one), got nothing: ' +
        'add one, such as [{ "region": "us-west-2" }], or stay below stage 4 (there is no safe default for where data lives)',
    ],
  ],
  [
    'no further Region in the list',
    [[['furtherRegions'], []]],
    [
      '$.furtherRegions must be a list of at least one Region beside the primary one, got []: ' +
        'add one, such as [{ "region": "us-west-2" }], or stay below stage 4 (there is no safe default for where data lives)',
    ],
  ],
  [
    'further Regions as plain names',
    [[['furtherRegions'], ['us-west-2']]],
    ['$.furtherRegions[0] must be an object with at least region, got "us-west-2": write it as { "region": "us-west-2" }'],
  ],
  [
    'a further Region without its name',
    [[['furtherRegions', 0], {}]],
    ['$.furtherRegions[0].region must be given (an AWS Region), got nothing: name the Region, such as us-west-2'],
  ],
  [
    'a broken further Region below stage 4',
    [
      [['stage'], 2],
      [['furtherRegions', 0, 'region'], 'us-west-22'],
    ],
    ['$.furtherRegions[0].region must be an AWS Region, got "us-west-22": did you mean us-west-2?'],
  ],
  // Zones
  [
    'a zone of another Region',
    [[['availabilityZones'], ['us-east-1a', 'us-west-2b', 'us-east-1c']]],
    [`$.availabilityZones[1] ${ZONES}, got "us-west-2b": ${ZONES_DO}`],
  ],
  [
    'a zone id',
    [[['availabilityZones'], ['use1-az1', 'us-east-1b', 'us-east-1c']]],
    [`$.availabilityZones[0] ${ZONES}, got "use1-az1": ${ZONES_DO}`],
  ],
  [
    'a zone the Region does not have',
    [[['availabilityZones'], ['us-east-1a', 'us-east-1g', 'us-east-1c']]],
    [`$.availabilityZones[1] ${ZONES}, got "us-east-1g": ${ZONES_DO}`],
  ],
  [
    'a zone twice',
    [[['availabilityZones'], ['us-east-1a', 'us-east-1a', 'us-east-1c']]],
    ['$.availabilityZones[1] must be another zone than those before it, got "us-east-1a": name another zone of the Region'],
  ],
  [
    'one zone',
    [[['availabilityZones'], ['us-east-1a']]],
    [
      '$.availabilityZones must be a list of two or three zones, got ["us-east-1a"]: name two or three zones, such as eu-central-1a, or leave it out',
    ],
  ],
  [
    'four zones',
    [[['availabilityZones'], ['us-east-1a', 'us-east-1b', 'us-east-1c', 'us-east-1d']]],
    [
      '$.availabilityZones must be a list of two or three zones, got ["us-east-1a","us-east-1b","us-east-1c","us-east-1d"]: ' +
        'name two or three zones, such as eu-central-1a, or leave it out',
    ],
  ],
  [
    'two zones from stage 3 on',
    [
      [['stage'], 3],
      [['availabilityZones'], ['us-east-1a', 'us-east-1b']],
    ],
    [
      '$.availabilityZones must name three zones at stage 3, got ["us-east-1a","us-east-1b"]: ' +
        'append a third; its addresses are reserved, nothing moves',
    ],
  ],
  [
    'a third copy of the cache',
    [[['furtherRegions', 2, 'cacheCopy'], undefined]],
    [
      '$.furtherRegions[2].cacheCopy must be false, because at most 2 further Regions can have a copy of the cache, got nothing: ' +
        'write false (the Region still has a cache of its own)',
    ],
  ],
  [
    'a copy of the cache in quotes',
    [[['furtherRegions', 1, 'cacheCopy'], 'true']],
    ['$.furtherRegions[1].cacheCopy must be true or false, got "true": write it without quotes'],
  ],
  [
    'a size that is none',
    [[['sizes'], { database: 'HUGE', disk: 1 }]],
    [
      '$.sizes.disk must not be there (known here: server, database, cache, service, worker, search, warehouse, stream), got 1: delete it',
      '$.sizes.database must be USERS_1K, USERS_100K, USERS_1M or USERS_10M, got "HUGE": ' +
        "write one of these names, or leave it out for the stage's own size",
    ],
  ],
  [
    'two zones in a further Region',
    [
      [
        ['furtherRegions', 0, 'availabilityZones'],
        ['us-west-2a', 'us-west-2b'],
      ],
    ],
    [
      '$.furtherRegions[0].availabilityZones must be a list of three zones, ' +
        'got ["us-west-2a","us-west-2b"]: name three zones, such as us-west-2a, or leave it out',
    ],
  ],
  [
    'a Region whose zones are not known, without zones and range',
    [[['furtherRegions', 0], { region: 'eu-north-1' }]],
    [
      '$.furtherRegions[0].availabilityZones must be given in eu-north-1, whose zones this library does not know, got nothing: ' +
        'name three zones, such as eu-north-1a',
      '$.furtherRegions[0].vpcCidr must be given in eu-north-1, for which this library keeps no range, got nothing: ' +
        'write a range no other Region has, such as 10.40.0.0/16',
    ],
  ],
  // Ranges
  ['a range that is no range', [[['vpcCidr'], '10.0.0.0']], [`$.vpcCidr ${RANGE}, got "10.0.0.0": ${RANGE_DO}`]],
  ['a range with an octet of 256', [[['vpcCidr'], '10.256.0.0/16']], [`$.vpcCidr ${RANGE}, got "10.256.0.0/16": ${RANGE_DO}`]],
  ['a range that is too small', [[['vpcCidr'], '10.0.0.0/24']], [`$.vpcCidr ${RANGE}, got "10.0.0.0/24": ${RANGE_DO}`]],
  ['a range with host bits', [[['vpcCidr'], '10.0.0.1/16']], [`$.vpcCidr ${RANGE}, got "10.0.0.1/16": ${RANGE_DO}`]],
  [
    'two ranges that overlap',
    [[['furtherRegions', 1, 'vpcCidr'], '10.18.128.0/17']],
    [`$.furtherRegions[1].vpcCidr must not overlap the range of us-west-2 (10.18.0.0/16), got "10.18.128.0/17": ${OVERLAP_DO}`],
  ],
  [
    'a range that overlaps the primary default',
    [
      [['vpcCidr'], undefined],
      [['furtherRegions', 1, 'vpcCidr'], '10.0.64.0/18'],
    ],
    [
      `$.furtherRegions[1].vpcCidr must not overlap the range of us-east-1 (10.0.0.0/16, the default), got "10.0.64.0/18": ${OVERLAP_DO}`,
    ],
  ],
  [
    'a primary range that overlaps a default further on',
    [
      [['vpcCidr'], '10.18.0.0/16'],
      [['furtherRegions', 0, 'vpcCidr'], undefined],
    ],
    [`$.vpcCidr must not overlap the range of us-west-2 (10.18.0.0/16, the default), got "10.18.0.0/16": ${OVERLAP_DO}`],
  ],
  // Image, port, health check
  [
    'an empty image',
    [[['image'], '']],
    [`$.image ${IMAGE}, got "": write it as REGISTRY/NAME:TAG, such as public.ecr.aws/nginx/nginx-unprivileged:1.29`],
  ],
  ['an image with a blank', [[['image'], 'nginx :1']], [`$.image ${IMAGE}, got "nginx :1": ${IMAGE_DO}`]],
  ['an image in capitals', [[['image'], 'Example/Shop:1']], [`$.image ${IMAGE}, got "Example/Shop:1": ${IMAGE_DO}`]],
  [
    'an image with a scheme',
    [[['image'], 'https://example.com/shop:1']],
    [`$.image ${IMAGE}, got "https://example.com/shop:1": write it without the scheme`],
  ],
  [
    'an image without a tag',
    [[['image'], 'registry.example.com:5000/shop']],
    [
      '$.image must name a tag or digest, got "registry.example.com:5000/shop": ' +
        `add the one that was built, such as registry.example.com:5000/shop:1.4.2 ${MOVING}`,
    ],
  ],
  [
    'the latest image',
    [[['image'], 'example/shop:latest']],
    [`$.image must name another tag than latest, got "example/shop:latest": write the tag or digest that was built ${MOVING}`],
  ],
  [
    'a digest cut short',
    [[['image'], 'example/shop@sha256:abc']],
    [`$.image ${IMAGE}, got "example/shop@sha256:abc": ${IMAGE_DO}`],
  ],
  ['port 0', [[['port'], 0]], [`$.port ${PORT}, got 0: ${PORT_DO}`]],
  ['port 65536', [[['port'], 65536]], [`$.port ${PORT}, got 65536: ${PORT_DO}`]],
  ['a port in quotes', [[['port'], '8080']], [`$.port ${PORT}, got "8080": ${PORT_DO}`]],
  ['half a port', [[['port'], 80.5]], [`$.port ${PORT}, got 80.5: ${PORT_DO}`]],
  [
    'a health check path without a slash',
    [[['healthCheckPath'], 'health']],
    [`$.healthCheckPath ${PATH}, got "health": ${PATH_DO}`],
  ],
  ['an empty health check path', [[['healthCheckPath'], '']], [`$.healthCheckPath ${PATH}, got "": ${PATH_DO}`]],
  [
    'a health check path with a line break',
    [[['healthCheckPath'], '/a\nb']],
    [`$.healthCheckPath ${PATH}, got "/a\\nb": ${PATH_DO}`],
  ],
  ['no request traced', [[['tracedPercent'], 0]], [`$.tracedPercent ${TRACED}, got 0: ${TRACED_DO}`]],
  ['more requests traced than there are', [[['tracedPercent'], 101]], [`$.tracedPercent ${TRACED}, got 101: ${TRACED_DO}`]],
  ['a traced share in quotes', [[['tracedPercent'], '5']], [`$.tracedPercent ${TRACED}, got "5": ${TRACED_DO}`]],
  // The container
  ['a container as a plain user', [[['container'], 101]], [`$.container ${CONTAINER}, got 101: ${CONTAINER_DO}`]],
  ['a container that is nothing', [[['container'], null]], [`$.container ${CONTAINER}, got null: ${CONTAINER_DO}`]],
  ['an empty container', [[['container'], {}]], [`$.container ${CONTAINER}, got {}: ${CONTAINER_DO}`]],
  [
    'a container with a user and its own',
    [[['container'], { user: 101, ownUser: SIX_WORDS, writableFiles: SIX_WORDS }]],
    [`$.container ${CONTAINER}, got {"user":101,"ownUser":"${SIX_WORDS}","writableFiles":"${SIX_WORDS}"}: ${CONTAINER_DO}`],
  ],
  ['a container of root', [[['container'], { user: 0 }]], [`$.container.user ${USER}, got 0: ${USER_DO}`]],
  ['a container of user 65536', [[['container'], { user: 65536 }]], [`$.container.user ${USER}, got 65536: ${USER_DO}`]],
  ['a container of a negative user', [[['container'], { user: -1 }]], [`$.container.user ${USER}, got -1: ${USER_DO}`]],
  ['a container of half a user', [[['container'], { user: 101.5 }]], [`$.container.user ${USER}, got 101.5: ${USER_DO}`]],
  ['a container of a user in quotes', [[['container'], { user: '101' }]], [`$.container.user ${USER}, got "101": ${USER_DO}`]],
  ['a container of a user by name', [[['container'], { user: 'nginx' }]], [`$.container.user ${USER}, got "nginx": ${USER_DO}`]],
  [
    'a container with its own user for no reason',
    [[['container'], { ownUser: true }]],
    [`$.container.ownUser ${REASON}, got true: ${OWN_USER_DO}`],
  ],
  [
    'a container with its own user for five words',
    [[['container'], { ownUser: ' it binds  to port 80 ' }]],
    [`$.container.ownUser ${REASON}, got " it binds  to port 80 ": ${OWN_USER_DO}`],
  ],
  [
    'a container with files it can write for an empty reason',
    [[['container'], { writableFiles: '' }]],
    [`$.container.writableFiles ${REASON}, got "": ${WRITABLE_DO}`],
  ],
  [
    'a container with two reasons that are none',
    [[['container'], { ownUser: 'needs root', writableFiles: 'writes its cache there' }]],
    [
      `$.container.ownUser ${REASON}, got "needs root": ${OWN_USER_DO}`,
      `$.container.writableFiles ${REASON}, got "writes its cache there": ${WRITABLE_DO}`,
    ],
  ],
  [
    'a misspelt field of the container',
    [[['container'], { writeableFiles: SIX_WORDS }]],
    [
      '$.container.writeableFiles must not be there (known here: user, ownUser, writableFiles), ' +
        `got "${SIX_WORDS}": did you mean writableFiles?`,
    ],
  ],
  // Domain and certificates
  [
    'a domain beside its zone',
    [[['domain', 'name'], 'shop.example.org']],
    [
      '$.domain.name must be example.com or a name below it, got "shop.example.org": name the zone that holds the name, or another name',
    ],
  ],
  [
    'a domain that only ends like its zone',
    [[['domain', 'name'], 'myexample.com']],
    [
      '$.domain.name must be example.com or a name below it, got "myexample.com": name the zone that holds the name, or another name',
    ],
  ],
  [
    'a domain with a dot at the end',
    [[['domain', 'name'], 'shop.example.com.']],
    [`$.domain.name ${DOMAIN}, got "shop.example.com.": ${DOMAIN_DO}`],
  ],
  [
    'a domain in capitals',
    [[['domain', 'name'], 'Shop.example.com']],
    [`$.domain.name ${DOMAIN}, got "Shop.example.com": ${DOMAIN_DO}`],
  ],
  [
    'a URL for a domain',
    [[['domain', 'name'], 'https://shop.example.com']],
    [`$.domain.name ${DOMAIN}, got "https://shop.example.com": ${DOMAIN_DO}`],
  ],
  [
    'a domain as a plain name',
    [[['domain'], 'shop.example.com']],
    [
      '$.domain must be an object with name, hostedZoneId and zoneName, got "shop.example.com": give all three, or leave domain out to go without one',
    ],
  ],
  [
    'a domain without its zone',
    [[['domain'], { name: 'shop.example.com' }]],
    [
      `$.domain.hostedZoneId must be given (${ZONE_ID.replace('must be ', '')}), got nothing: ${ZONE_ID_DO}`,
      `$.domain.zoneName must be given (${DOMAIN.replace('must be ', '')}), got nothing: write the name of the hosted zone, such as example.com`,
    ],
  ],
  [
    'a hosted zone id as the API prints it',
    [[['domain', 'hostedZoneId'], '/hostedzone/Z0123456789EXAMPLE']],
    [`$.domain.hostedZoneId ${ZONE_ID}, got "/hostedzone/Z0123456789EXAMPLE": ${ZONE_ID_DO}`],
  ],
  [
    'a certificate id for an ARN',
    [[['domain', 'certificateArn'], '12345678-1234-1234-1234-123456789012']],
    [
      '$.domain.certificateArn must be the ARN of an ACM certificate, got "12345678-1234-1234-1234-123456789012": ' +
        'copy it from `aws acm list-certificates` in the primary Region, or leave it out to have one issued',
    ],
  ],
  [
    'a certificate of another Region',
    [[['domain', 'certificateArn'], `arn:aws:acm:eu-west-1:123456789012:${CERTIFICATE}`]],
    [
      '$.domain.certificateArn must be a certificate in the primary Region, us-east-1 (a load balancer takes no other), ' +
        `got "arn:aws:acm:eu-west-1:123456789012:${CERTIFICATE}": ${ISSUED}`,
    ],
  ],
  [
    'a certificate of another account',
    [[['domain', 'certificateArn'], `arn:aws:acm:us-east-1:210987654321:${CERTIFICATE}`]],
    [
      `$.domain.certificateArn must be a certificate of account 123456789012, got "arn:aws:acm:us-east-1:210987654321:${CERTIFICATE}": ${ISSUED}`,
    ],
  ],
  [
    'an edge certificate outside us-east-1',
    [[['domain', 'edgeCertificateArn'], `arn:aws:acm:eu-central-1:123456789012:${CERTIFICATE}`]],
    [
      '$.domain.edgeCertificateArn must be a certificate in us-east-1 (CloudFront takes no other), ' +
        `got "arn:aws:acm:eu-central-1:123456789012:${CERTIFICATE}": ${ISSUED}`,
    ],
  ],
  // The server
  ['an empty server', [[['server'], {}]], [`$.server ${SERVER}, got {}: ${SERVER_DO}`]],
  [
    'a server that is both',
    [[['server'], { database: 'aurora', never: 'started at stage 2' }]],
    [`$.server ${SERVER}, got {"database":"aurora","never":"started at stage 2"}: ${SERVER_DO}`],
  ],
  [
    'a database that is neither',
    [[['server'], { database: 'mysql' }]],
    ['$.server.database must be "on-server" or "aurora", got "mysql": choose one of the two'],
  ],
  [
    'a server retired for no reason',
    [[['server'], { retired: 'data moved' }]],
    [
      '$.server.retired must be a record in three words or more, got "data moved": say when the data was moved and who checked it',
    ],
  ],
  [
    'a server retired without a record at stage 1',
    [
      [['stage'], 1],
      [['server'], { retiredWithoutRecord: 'moved with DMS, ticket OPS-112' }],
    ],
    [
      '$.server.retiredWithoutRecord must not be there at stage 1, which is the server, ' +
        'got "moved with DMS, ticket OPS-112": leave server out, or set stage to 2 or more',
    ],
  ],
  [
    'a retired server at stage 1',
    [
      [['stage'], 1],
      [['server'], { retired: 'moved on 2026-11-01, checked by the data team' }],
    ],
    [
      '$.server.retired must not be there at stage 1, which is the server, ' +
        'got "moved on 2026-11-01, checked by the data team": leave server out, or set stage to 2 or more',
    ],
  ],
  // Whom a Region serves
  [
    'geolocation for one Region of three',
    [[['furtherRegions', 1, 'serves'], [{ continent: 'EU' }]]],
    [0, 2].map(
      (index) =>
        `$.furtherRegions[${index}].serves must be given, because another further Region says whom it serves, got nothing: ` +
        'name whom this Region serves, or leave serves out everywhere to route by latency',
    ),
  ],
  [
    'an area twice',
    [
      ...SERVES_ALL,
      [
        ['furtherRegions', 2, 'serves'],
        [{ continent: 'AS' }, { continent: 'EU' }],
      ],
    ],
    [
      '$.furtherRegions[2].serves[1].continent must be served by one Region, and $.furtherRegions[1].serves[0].continent has it already, ' +
        'got "EU": delete one of the two',
    ],
  ],
  [
    'an unknown continent',
    [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ continent: 'Asia' }]]],
    ['$.furtherRegions[2].serves[0].continent must be AF, AN, AS, EU, NA, OC or SA, got "Asia": write one of these codes'],
  ],
  [
    'an unknown country',
    [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ country: 'XX' }]]],
    [`$.furtherRegions[2].serves[0].country ${COUNTRY}, got "XX": write the country's code, such as DE`],
  ],
  [
    'a country in small letters',
    [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ country: 'jp' }]]],
    [`$.furtherRegions[2].serves[0].country ${COUNTRY}, got "jp": did you mean JP?`],
  ],
  [
    'the United Kingdom as UK',
    [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ country: 'UK' }]]],
    [`$.furtherRegions[2].serves[0].country ${COUNTRY}, got "UK": did you mean GB?`],
  ],
  [
    'a continent for a country',
    [...SERVES_ALL, [['furtherRegions', 1, 'serves'], [{ country: 'EU' }]]],
    [`$.furtherRegions[1].serves[0].country ${COUNTRY}, got "EU": did you mean { "continent": "EU" }?`],
  ],
  [
    'a country without records',
    [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ country: 'EH' }]]],
    [
      '$.furtherRegions[2].serves[0].country must be a country Route 53 keeps records for, got "EH": ' +
        'delete it (Route 53 has none for BV, CX, EH and HM)',
    ],
  ],
  [
    'areas without a domain',
    [
      [['domain'], undefined],
      [['furtherRegions'], [{ region: 'eu-central-1', serves: [{ continent: 'EU' }] }]],
    ],
    [
      '$.furtherRegions[0].serves must not be there without a domain, in whose zone the areas are kept, got [{"continent":"EU"}]: ' +
        'give domain, or leave serves out',
    ],
  ],
  [
    'an area that is two',
    [...SERVES_ALL, [['furtherRegions', 1, 'serves'], [{ continent: 'EU', country: 'DE' }]]],
    [`$.furtherRegions[1].serves[0] ${AREA}, got {"continent":"EU","country":"DE"}: ${AREA_DO}`],
  ],
  [
    'a Region that serves nobody',
    [...SERVES_ALL, [['furtherRegions', 1, 'serves'], []]],
    [
      '$.furtherRegions[1].serves must be a list of at least one { "continent" } or { "country" }, got []: ' +
        'name a continent or a country, or leave serves out everywhere to route by latency',
    ],
  ],
  // Services
  [
    'services as plain names',
    [[['services'], ['billing']]],
    [`$.services[0] must be an object with at least name, got "billing": ${SERVICE_DO}`],
  ],
  [
    'no service in the list',
    [[['services'], []]],
    [
      '$.services must be a list of at least one service, got []: write it as [{ "name": "billing", "paths": ["/billing/*"] }], or leave it out',
    ],
  ],
  [
    'a service without a name',
    [[['services'], [{}]]],
    [`$.services[0].name must be given (${SERVICE_NAME}), got nothing: ${SERVICE_NAME_DO}`],
  ],
  [
    'a service in capitals',
    [[['services'], [{ name: 'Billing' }]]],
    [`$.services[0].name must be ${SERVICE_NAME}, got "Billing": ${SERVICE_NAME_DO}`],
  ],
  [
    "a service with a name of the product's own",
    [[['services'], [{ name: 'auth' }]]],
    [
      '$.services[0].name must be none of core, auth, notification, worker, web, localhost, which the product calls its own parts, ' +
        'got "auth": choose another name',
    ],
  ],
  [
    'a service twice',
    [[['services'], [{ name: 'billing' }, { name: 'prices' }, { name: 'billing' }]]],
    ['$.services[2].name must be there once, as $.services[0].name is, got "billing": give each service a name of its own'],
  ],
  [
    'a service with two ways in',
    [[['services'], [{ name: 'billing', paths: ['/billing/*'], grpc: ['/shop.Billing/*'] }]]],
    [
      '$.services[0].grpc must not be there beside paths, because a service has one way in, got ["/shop.Billing/*"]: delete one of the two',
    ],
  ],
  [
    'a path of a service without a slash',
    [[['services'], [{ name: 'billing', paths: ['billing/*'] }]]],
    [
      '$.services[0].paths[0] must be a path pattern: a slash, then at most 127 letters, digits and signs of paths, got "billing/*": ' +
        'write it as in /billing/*',
    ],
  ],
  [
    'four paths of a service',
    [[['services'], [{ name: 'billing', paths: ['/a', '/b', '/c', '/d'] }]]],
    [
      '$.services[0].paths must be a list of one to three path patterns, got ["/a","/b","/c","/d"]: write it as ["/billing/*"], or leave it out',
    ],
  ],
  [
    'host names and gRPC without a domain',
    [
      [['domain'], undefined],
      [
        ['services'],
        [
          { name: 'billing', hosts: ['billing.example.com'] },
          { name: 'rpc', grpc: ['/shop.Rpc/*'] },
        ],
      ],
    ],
    [
      `$.services[0].hosts must not be there without a domain, got ["billing.example.com"]: ${NO_DOMAIN_DO}`,
      `$.services[1].grpc must not be there without a domain, got ["/shop.Rpc/*"]: ${NO_DOMAIN_DO}`,
    ],
  ],
  [
    'the latest image of a service',
    [[['services'], [{ name: 'billing', image: 'example/billing:latest' }]]],
    [
      `$.services[0].image must name another tag than latest, got "example/billing:latest": write the tag or digest that was built ${MOVING}`,
    ],
  ],
  [
    'a service of a size that is none',
    [[['services'], [{ name: 'billing', size: 'HUGE' }]]],
    [
      '$.services[0].size must be USERS_100K, USERS_1M, USERS_10M, SMALL or WORKER, got "HUGE": write one of these names, or leave it out for SMALL',
    ],
  ],
  [
    'a service that reaches what is not there',
    [[['services'], [{ name: 'billing', reaches: ['databases'] }]]],
    [
      '$.services[0].reaches[0] must be one of database, cache, search, stream, jobs, assets, events, sharedTable, idempotency, users ' +
        'and service:NAME, got "databases": write one of these, such as database or service:core',
    ],
  ],
  [
    'services that reach themselves, nobody, and one that is misspelt',
    [
      [
        ['services'],
        [
          { name: 'billing', reaches: ['service:billing', 'service:taxes'] },
          { name: 'front', reaches: ['service:biling', 'service:core', 'service:api'] },
        ],
      ],
    ],
    [
      '$.services[0].reaches[0] must name another service than its own, got "service:billing": delete it',
      '$.services[0].reaches[1] must name a service that can be called (core, auth, api, billing, front), got "service:taxes": ' +
        'name one of these, or add the service',
      '$.services[1].reaches[0] must name a service that can be called (core, auth, api, billing, front), got "service:biling": ' +
        'did you mean service:billing?',
    ],
  ],
  // The firewall
  [
    'an empty firewall',
    [[['firewall'], {}]],
    [
      '$.firewall must be an object with at least one of countOnly, rateLimits, allowedAddresses and blockedAddresses, got {}: ' +
        'write it as { "blockedAddresses": ["192.0.2.0/24"] }, or leave it out',
    ],
  ],
  [
    'a firewall that counts for no reason',
    [[['firewall'], { countOnly: true }]],
    [`$.firewall.countOnly ${REASON}, got true: say what is waited for and who looks, or leave it out to refuse`],
  ],
  [
    'a limit over three minutes of what is no path',
    [[['firewall'], { rateLimits: [{ path: 'login', limit: 5, minutes: 3 }] }]],
    [
      "$.firewall.rateLimits[0].path must be the start of a path, at most 200 characters without '*', '?' and '%', got \"login\": " +
        'write the path alone, such as /login',
      '$.firewall.rateLimits[0].limit must be a whole number from 10 to 2000000000, got 5: write the number without quotes, such as 100',
      '$.firewall.rateLimits[0].minutes must be 1, 2, 5 or 10, got 3: write one of these without quotes (AWS WAF counts over no other)',
    ],
  ],
  [
    'a limit for header and cookie',
    [[['firewall'], { rateLimits: [{ path: '/', limit: 100, minutes: 5, header: 'x-api-key', cookie: 'session' }] }]],
    [
      '$.firewall.rateLimits[0] must be an object with path, limit and minutes, and at most one of header and cookie, ' +
        'got {"path":"/","limit":100,"minutes":5,"header":"x-api-key","cookie":"session"}: ' +
        'write it as { "path": "/login", "limit": 100, "minutes": 5 }',
    ],
  ],
  [
    'addresses that are none, and one in both lists',
    [
      [
        ['firewall'],
        {
          allowedAddresses: ['192.0.2.1', '192.0.2.7/24', '10.0.0.0/0'],
          blockedAddresses: ['2001:db8::/32', '192.0.2.1', 'office'],
        },
      ],
    ],
    [
      `$.firewall.allowedAddresses[1] ${ADDRESS}, got "192.0.2.7/24": ${ADDRESS_DO}`,
      `$.firewall.allowedAddresses[2] ${ADDRESS}, got "10.0.0.0/0": ${ADDRESS_DO}`,
      `$.firewall.blockedAddresses[2] ${ADDRESS}, got "office": ${ADDRESS_DO}`,
      '$.firewall.blockedAddresses[1] must not be in allowedAddresses too, got "192.0.2.1": take it from one of the two',
    ],
  ],
  // Releases
  [
    'releases by two strategies',
    [[['releases'], { rolling: true, blueGreen: { minutes: 5 } }]],
    [`$.releases ${RELEASES}, got {"rolling":true,"blueGreen":{"minutes":5}}: ${RELEASES_DO}`],
  ],
  ['releases as a word', [[['releases'], 'canary']], [`$.releases ${RELEASES}, got "canary": ${RELEASES_DO}`]],
  [
    'releases that do not roll',
    [[['releases'], { rolling: false }]],
    ['$.releases.rolling must be true, got false: write true without quotes, or choose another'],
  ],
  [
    'a canary of nobody, for half a minute',
    [[['releases'], { canary: { percent: 0, minutes: 0.5 } }]],
    [
      '$.releases.canary.percent must be a number from 0.1 to 100, got 0: write the percentage without quotes, such as 10',
      '$.releases.canary.minutes must be a whole number from 1 to 1440, got 0.5: write minutes without quotes, such as 5',
    ],
  ],
  [
    'a canary of a share that Amazon ECS cannot shift',
    [[['releases'], { canary: { percent: 0.25, minutes: 5 } }]],
    ['$.releases.canary.percent must be a multiple of 0.1, got 0.25: write a share that Amazon ECS can shift, such as 10'],
  ],
  [
    'steps that take longer than a deploy may',
    [[['releases'], { linear: { percent: 5, minutes: 100 } }]],
    [
      '$.releases.linear.minutes must be so few that all steps together wait 33 hours at most, got 100: ' +
        'shorten the steps or make them larger (CloudFormation ends an update after 36 hours)',
    ],
  ],
  [
    'steps of two percent',
    [[['releases'], { linear: { percent: 2, minutes: 5 } }]],
    ['$.releases.linear.percent must be a number from 3 to 100, got 2: write the percentage without quotes, such as 10'],
  ],
  // Sign-in
  [
    'an empty sign-in',
    [[['signIn'], {}]],
    [
      '$.signIn must be an object with at least one of pages, groups and passkeys, got {}: ' +
        'write it as { "groups": [{ "name": "staff" }] }, or leave it out',
    ],
  ],
  [
    'sign-in on two kinds of pages',
    [[['signIn'], { pages: { below: 'auth', prefix: 'shop' } }]],
    [
      '$.signIn.pages must be an object with one of none, prefix and below, got {"below":"auth","prefix":"shop"}: ' +
        'keep one of the three, such as { "below": "auth" }, or leave pages out',
    ],
  ],
  [
    "sign-in on pages of names that are Amazon Cognito's or the library's",
    [[['signIn'], { pages: { prefix: 'my-cognito' } }]],
    [
      '$.signIn.pages.prefix must be 1 to 63 letters, digits and dashes in lower case, without aws, amazon or cognito in it, got "my-cognito": write it as in shop-login',
    ],
  ],
  [
    'sign-in below a name that is taken',
    [[['signIn'], { pages: { below: 'origin' } }]],
    [
      '$.signIn.pages.below must be one part of a host name in lower case, and neither origin nor area-origin, got "origin": write it as in auth',
    ],
  ],
  [
    'sign-in below the name of a site that has none',
    [
      [['domain'], undefined],
      [['signIn'], { pages: { below: 'auth' } }],
    ],
    [`$.signIn.pages.below must not be there without a domain, got "auth": ${NO_DOMAIN_DO}`],
  ],
  [
    'sign-in below a name that the certificate may not cover',
    [
      [['domain', 'edgeCertificateArn'], `arn:aws:acm:us-east-1:123456789012:${CERTIFICATE}`],
      [['signIn'], { pages: { below: 'auth' } }],
    ],
    [
      '$.signIn.pages.below must not be there beside domain.edgeCertificateArn, which may not cover the name below the site, got "auth": ' +
        'leave edgeCertificateArn out to have one issued, or choose other pages',
    ],
  ],
  [
    'passkeys without pages of the site',
    [[['signIn'], { passkeys: true }]],
    [
      '$.signIn.passkeys must be false without pages below the name of the site, which passkeys stay bound to, got true: ' +
        'give signIn.pages { "below": "auth" }',
    ],
  ],
  [
    'groups of which one stands twice and one has a blank',
    [[['signIn'], { groups: [{ name: 'staff' }, { name: 'order desk' }, { name: 'staff' }] }]],
    [
      '$.signIn.groups[1].name must be 1 to 128 letters, digits, dots, dashes and underscores, got "order desk": write it as in order-desk',
      '$.signIn.groups[2].name must be there once, as $.signIn.groups[0].name is, got "staff": name every group once',
    ],
  ],
  // E-mail
  [
    'e-mail from two',
    [[['email'], { localPart: 'a', address: 'b@example.com' }]],
    [`$.email ${EMAIL}, got {"localPart":"a","address":"b@example.com"}: ${EMAIL_DO}`],
  ],
  ['e-mail from nobody', [[['email'], {}]], [`$.email ${EMAIL}, got {}: ${EMAIL_DO}`]],
  [
    'e-mail from an address without a domain',
    [[['email'], { address: 'shop' }]],
    ['$.email.address must be one e-mail address, its domain in lower case, got "shop": write it as in shop@example.com'],
  ],
  [
    'e-mail from a domain that is not there',
    [
      [['domain'], undefined],
      [['email'], { localPart: 'no-reply' }],
    ],
    ['$.email.localPart must not be there without a domain, got "no-reply": give domain, or send from one address'],
  ],
  // What search and archive follow
  [
    'a table to search without its schema',
    [[['searchFeed'], { tables: ['products'] }]],
    ['$.searchFeed.tables[0] must be schema.table in lower case, got "products": write it as in public.products'],
  ],
  [
    'tables to search of one name',
    [[['searchFeed'], { tables: ['public.products', 'old.products'] }]],
    [
      '$.searchFeed.tables[1] must have another name than $.searchFeed.tables[0], whatever its schema, because its index has that name, ' +
        'got "old.products": delete one of the two',
    ],
  ],
  [
    'an archive without tables',
    [[['archive'], { runs: false }]],
    [
      '$.archive.tables must be given (a list of at least one table), got nothing: ' +
        'write it as [{ "table": "visits", "by": "created_at", "olderThanDays": 90 }]',
    ],
  ],
  [
    'an archive of rows of today, by no column',
    [[['archive'], { tables: [{ table: 'visits', by: 'created at', olderThanDays: 0 }] }]],
    [
      '$.archive.tables[0].by must be a column in lower-case letters, digits and underscores, got "created at": write it as in created_at',
      '$.archive.tables[0].olderThanDays must be a whole number from 1 to 36500, got 0: write days without quotes, such as 90',
    ],
  ],
  [
    'an archive that nobody can delete, for ever, and of a table twice',
    [
      [
        ['archive'],
        {
          immutable: true,
          tables: [
            { table: 'visits', by: 'at', olderThanDays: 90 },
            { table: 'public.visits', by: 'at', olderThanDays: 90, keepForDays: 365 },
          ],
        },
      ],
    ],
    [
      '$.archive.tables[0].keepForDays must be given, because the archive is immutable, got nothing: say for how many days nobody may delete',
      '$.archive.tables[1].table must be there once, as $.archive.tables[0].table is, got "public.visits": join the two',
    ],
  ],
  // The record
  [
    'a record of what is not known',
    [[['audit'], { events: 'EVERYTHING' }]],
    [
      '$.audit.events must be NONE, FILE_WRITES, WRITES or ALL, got "EVERYTHING": write one of these names, or leave it out to record none',
    ],
  ],
  [
    'an empty record',
    [[['audit'], {}]],
    ['$.audit must be an object with events, got {}: write it as { "events": "WRITES" }, or leave it out'],
  ],
  // Fields that are not there
  [
    'a misspelt field',
    [[['helthCheckPath'], '/']],
    [`$.helthCheckPath must not be there (known here: ${KNOWN}), got "/": did you mean healthCheckPath?`],
  ],
  ['an unknown field', [[['budget'], 20]], [`$.budget must not be there (known here: ${KNOWN}), got 20: delete it`]],
  [
    'a misspelt field of a further Region',
    [[['furtherRegions', 0, 'vpcCird'], '10.18.0.0/16']],
    [
      '$.furtherRegions[0].vpcCird must not be there (known here: region, serves, availabilityZones, cacheCopy, vpcCidr), ' +
        'got "10.18.0.0/16": did you mean vpcCidr?',
    ],
  ],
  ['a field that is no word', [[['a b'], true]], [`$["a b"] must not be there (known here: ${KNOWN}), got true: delete it`]],
  // Tags
  ['an empty tag', [[['tags'], { team: '' }]], [`$.tags.team ${TAG_VALUE}, got "": write a text, or delete the tag`]],
  ['a tag that is a number', [[['tags'], { cost: 7 }]], [`$.tags.cost ${TAG_VALUE}, got 7: write a text, or delete the tag`]],
  [
    "a tag in AWS's own name",
    [[['tags'], { 'aws:team': 'checkout' }]],
    [
      '$.tags["aws:team"] must have a tag key: 1 to 128 letters, digits, blanks or _.:/=+-@, not starting with aws:, got "aws:team": rename the key',
    ],
  ],
];

describe('a product file with', () => {
  test.each(BAD)('%s is refused with the exact line', (_title, changes, lines) => {
    expect(faultsAfter(...changes)).toEqual(lines);
  });

  test('many faults names them all, those of the schema and those of meaning', () => {
    const lines = faultsAfter(
      [['name'], ''],
      [['port'], 0],
      [['image'], 'nginx'],
      [['region'], 'us-esat-1'],
      [['domain', 'name'], 'shop.example.org'],
      [['furtherRegions', 0, 'vpcCidr'], '10.19.0.0/17'],
      [['furtherRegions', 2], 'ap-southeast-1'],
    );
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      '$.name',
      '$.port',
      '$.furtherRegions[2]',
      '$.image',
      '$.region',
      '$.furtherRegions[1].vpcCidr',
      '$.domain.name',
    ]);
  });

  test('a fault draws no second one after it', () => {
    // The default range must not stand in for the faulted one, nor "not given" be said of what was given wrong.
    expect(faultsAfter([['vpcCidr'], 5], [['furtherRegions', 0, 'vpcCidr'], '10.0.0.0/16'])).toHaveLength(1);
    expect(faultsAfter(...SERVES_ALL, [['furtherRegions', 1, 'serves'], 'EU'])).toHaveLength(1);
    expect(faultsAfter([['furtherRegions', 0, 'cacheCopy'], 'no'], [['furtherRegions', 2, 'cacheCopy'], true])).toHaveLength(1);
    expect(
      faultsAfter([['furtherRegions', 0], { region: 'eu-north-1', availabilityZones: 3, vpcCidr: '10.60.0.0/16' }]),
    ).toHaveLength(1);
    expect(
      faultsAfter([['region'], 'nowhere-1'], [['availabilityZones'], ['us-east-1a', 'us-east-1b', 'us-east-1c']]),
    ).toHaveLength(1);
  });
});

describe('a file that is no product', () => {
  const SYNTAX: [string, string, string][] = [
    [
      'an empty file',
      '',
      '1:1: $ must be JSON, with a value at line 1, column 1, got the end of the file: close what is still open',
    ],
    [
      'a file cut off',
      '{\n  "name": "Sh',
      '2:14: $ must be JSON, with a closing double quote at line 2, column 14, got the end of the file: close what is still open',
    ],
    [
      'a comma too many',
      '{\n  "port": 80,\n}',
      '3:1: $ must be JSON, with a name in double quotes at line 3, column 1, got "}": delete the comma before it (JSON allows none there)',
    ],
    [
      'a comma too few',
      '{\n  "port": 80\n  "stage": 1\n}',
      `3:3: $ must be JSON, with ',' or '}' at line 3, column 3, got "\\"": correct the file there`,
    ],
    [
      'a comment',
      '{\n  // the shop\n}',
      '2:3: $ must be JSON, with a name in double quotes at line 2, column 3, got "/": delete the comment (JSON has none)',
    ],
    [
      'single quotes',
      "{ 'name': 1 }",
      `1:3: $ must be JSON, with a name in double quotes at line 1, column 3, got "'": write texts in double quotes`,
    ],
    [
      'a word without quotes',
      '{ "name": Shop }',
      '1:11: $ must be JSON, with a value at line 1, column 11, got "Shop": correct the file there',
    ],
    [
      'a line break in a text',
      '{ "name": "Sh\nop" }',
      '1:14: $ must be JSON, with a closing double quote at line 1, column 14, got "\\n": correct the file there',
    ],
    [
      'two values',
      '{}\n{}',
      '2:1: $ must be JSON, with nothing after the value at line 2, column 1, got "{": correct the file there',
    ],
    [
      'nesting without end',
      '['.repeat(100_000),
      '1:52: $ must be JSON, with at most 50 levels at line 1, column 52, got "[": correct the file there',
    ],
    [
      'a list',
      '[]',
      '1:1: $ must be an object with at least name, stage, account, region and image, got []: start from examples/shop-100k-eu.json',
    ],
    [
      'a null',
      'null',
      '1:1: $ must be an object with at least name, stage, account, region and image, got null: start from examples/shop-100k-eu.json',
    ],
  ];
  test.each(SYNTAX)('%s is refused with the place', (_title, text, line) => {
    expect(faultsOf(text)).toEqual([`product.json:${line}`]);
  });

  test('a name given twice is a fault, because JSON.parse keeps the last without a word', () => {
    const text = fs.readFileSync(GLOBAL, 'utf8').replace('"port": 8080,', '"port": 8080,\n  "port": 81,');
    expect(faultsOf(text)).toEqual([
      'product.json:9:3: $.port must be given once, got it again at line 10, column 3: delete one of the two (JSON would keep the last without a word)',
    ]);
  });

  test('every line says where in the file the value stands, in the order of the file', () => {
    const text = fs
      .readFileSync(GLOBAL, 'utf8')
      .replace('"Shop"', '""')
      .replace('"port": 8080,', '"port": 0,\n  "container": {\n    "ownUser": "needs root"\n  },')
      .replace('"10.19', '"10.18');
    expect(faultsOf(text).map((line) => line.split(' ').slice(0, 2))).toEqual([
      ['product.json:3:3:', '$.name'],
      ['product.json:9:3:', '$.port'],
      ['product.json:11:5:', '$.container.ownUser'],
      ['product.json:22:33:', '$.furtherRegions[1].vpcCidr'],
    ]);
  });

  test('what is missing, a folder, a device, no text or too large is said so', () => {
    const remedy = 'give -c product=FILE a path from the working directory';
    const folder = path.join(EXAMPLES, '..');
    expect(readProductFile('nope.json', folder).faults).toEqual([
      `nope.json: must exist, got no such file at ${path.join(folder, 'nope.json')}: ${remedy}`,
    ]);
    expect(readProductFile('LICENSE/x', folder).faults).toEqual([
      `LICENSE/x: must exist, got no such file at ${path.join(folder, 'LICENSE/x')}: ${remedy}`,
    ]);
    expect(readProductFile('examples', folder).faults).toEqual([`examples: must be a file, got a folder: ${remedy}`]);
    expect(readProductFile('/dev/zero', folder).faults).toEqual([`/dev/zero: must be a file, got a device: ${remedy}`]);
    expect(readProductFile('', folder).faults).toEqual(['context value product must name a file, got "": write -c product=FILE']);
    expect(readProductFile(['a', 'b'], folder).faults).toEqual([
      'context value product must name a file, got ["a","b"]: write -c product=FILE',
    ]);
    expect(faultsOf(Buffer.from([0x7b, 0xff, 0x7d]))).toEqual([
      'product.json: must be UTF-8 text, got other bytes: save it as UTF-8',
    ]);
    expect(faultsOf(' '.repeat(1_000_001))).toEqual([`product.json: must be at most 1000000 bytes, got 1000001: ${remedy}`]);
  });

  test('a value cannot tear or turn the line it is printed in', () => {
    const [line] = faultsAfter([['name'], 'a\n\u001b[31m\u202eb\u0085']);
    expect(line).toBe(`$.name must be ${NAME_ALLOWED}, got "a\\n\\u001b[31m\\u202eb\\u0085": ${NAME_DO}`);
    expect(faultsAfter([['name'], 'x'.repeat(5000)])[0].length).toBeLessThan(300);
  });
});

describe('a good product file', () => {
  test.each(fs.readdirSync(EXAMPLES).filter((file) => file.endsWith('.json')))('examples/%s has no fault', (file) => {
    const { product, faults } = readProductFile(path.join('examples', file), path.join(EXAMPLES, '..'));
    expect(faults).toEqual([]);
    expect(product?.name).toBe('Shop');
  });

  test.each([1, 2, 3, 4])('stays good when only its stage becomes %d', (stage) => {
    expect(faultsAfter([['stage'], stage], [['server'], undefined])).toEqual([]);
  });

  test('may start with a byte order mark, as some editors write it', () => {
    expect(faultsOf(`\ufeff${fs.readFileSync(GLOBAL, 'utf8')}`)).toEqual([]);
  });

  test.each<[string, Change[]]>([
    ['geolocation for every further Region', SERVES_ALL],
    ['an ECR image by digest', [[['image'], `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/shop@sha256:${'a'.repeat(64)}`]]],
    ['latest with a digest', [[['image'], `example/shop:latest@sha256:${'a'.repeat(64)}`]]],
    ['the zone name as domain', [[['domain', 'name'], 'example.com']]],
    ['no domain', [[['domain'], undefined]]],
    [
      'a country inside a continent another Region serves',
      [...SERVES_ALL, [['furtherRegions', 2, 'serves'], [{ country: 'DE' }]]],
    ],
    [
      'only what is required',
      [
        [['tags'], undefined],
        [['port'], undefined],
        [['healthCheckPath'], undefined],
        [['vpcCidr'], undefined],
      ],
    ],
    [
      'two zones before stage 3',
      [
        [['stage'], 2],
        [['availabilityZones'], ['us-east-1a', 'us-east-1b']],
      ],
    ],
    ['every request traced', [[['tracedPercent'], 100]]],
    [
      'services that call each other, and those of the product',
      [
        [
          ['services'],
          [
            { name: 'api', paths: ['/v2/*'], reaches: ['database', 'service:core'] },
            { name: 'billing', hosts: ['billing.example.com'], reaches: ['service:auth', 'service:api'], retired: true },
            { name: 'rpc', grpc: ['/shop.Rpc/*'], image: 'example/rpc:2', port: 9000, size: 'SMALL' },
          ],
        ],
      ],
    ],
    [
      'limits for addresses, a header and a cookie',
      [
        [
          ['firewall'],
          {
            rateLimits: [
              { path: '/', limit: 10, minutes: 1 },
              { path: '/api/', limit: 1000, minutes: 10, header: 'x-api-key' },
              { path: '/cart', limit: 2_000_000_000, minutes: 2, cookie: 'session' },
            ],
          },
        ],
      ],
    ],
    ['no limit', [[['firewall'], { rateLimits: [] }]]],
    ['a canary of one in a thousand', [[['releases'], { canary: { percent: 0.1, minutes: 1440 } }]]],
    [
      'no pages of its own without a domain',
      [
        [['domain'], undefined],
        [['signIn'], { pages: { none: true } }],
      ],
    ],
    ['an archive that stands', [[['archive'], { tables: [{ table: 'visits', by: 'at', olderThanDays: 1 }], runs: false }]]],
    [
      'services at stage 1, as a plan',
      [
        [['stage'], 1],
        [['server'], undefined],
        [['services'], [{ name: 'billing' }]],
      ],
    ],
    ['the first user after root', [[['container'], { user: 1 }]]],
    ['the last user', [[['container'], { user: 65535 }]]],
    ['its own user and files it can write', [[['container'], { ownUser: SIX_WORDS, writableFiles: ` ${SIX_WORDS}\n` }]]],
    ['another user and files it can write', [[['container'], { user: 101, writableFiles: SIX_WORDS }]]],
    ['Aurora from the first day', [[['server'], { database: 'aurora' }]]],
    ['a server retired without a record', [[['server'], { retiredWithoutRecord: 'moved with DMS, ticket OPS-112' }]]],
    ['a retired server at stage 4', [[['server'], { retired: 'moved on 2026-11-01, checked by the data team' }]]],
    [
      'a Region the library does not know, with zones and range',
      [
        [
          ['furtherRegions', 0],
          { region: 'eu-north-1', availabilityZones: ['eu-north-1a', 'eu-north-1b', 'eu-north-1c'], vpcCidr: '10.60.0.0/16' },
        ],
      ],
    ],
    [
      'certificates in their places',
      [
        [['domain', 'certificateArn'], `arn:aws:acm:us-east-1:123456789012:${CERTIFICATE}`],
        [['domain', 'edgeCertificateArn'], `arn:aws:acm:us-east-1:123456789012:${CERTIFICATE}`],
      ],
    ],
  ])('may have %s', (_title, changes) => {
    expect(faultsAfter(...changes)).toEqual([]);
  });
});

describe('the reader of JSON', () => {
  test('accepts what JSON.parse accepts and nothing else', () => {
    const nearlyJson = fc
      .array(fc.constantFrom(...'{}[]",:\\ \n\t-+.eE019untrfals/\u0007é'), { maxLength: 12 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.json({ maxDepth: 4 }), nearlyJson), (text) => {
        let value: unknown;
        let accepted = true;
        try {
          value = JSON.parse(text);
        } catch {
          accepted = false;
        }
        const read = readJsonText(text);
        const refused = read.faults.some((fault) => fault.rule.startsWith('must be JSON'));
        expect({ accepted: !refused, value: read.value }).toEqual({ accepted, value });
      }),
      { numRuns: 3000, seed: 20261121 },
    );
  });
});

describe('the schema', () => {
  const schema = JSON.parse(fs.readFileSync(SCHEMA_FILE, 'utf8'));

  test('is a valid one of draft 2020-12, without our own words too', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(new Ajv2020({ strict: false }).validateSchema(schema)).toBe(true);
  });

  test('explains every field to an editor, and every fault to its reader', () => {
    const dumb: string[] = [];
    const walk = (node: { [key: string]: unknown }, at: string): void => {
      for (const [name, child] of Object.entries((node.properties ?? {}) as { [name: string]: { [key: string]: unknown } })) {
        for (const word of ['description', 'x-allowed', 'x-do']) if (!child[word]) dumb.push(`${at}.${name} lacks ${word}`);
        walk(child, `${at}.${name}`);
      }
      if (node.items) walk(node.items as { [key: string]: unknown }, `${at}[]`);
    };
    walk(schema, '$');
    expect(dumb).toEqual([]);
  });
});
