/**
 * Where CloudFront finds the page for a site that does not answer: in the bucket of the static files, and until somebody publishes
 * one there, at the load balancer, which answers by itself also when no task does, unless releases shift its traffic.
 */
export const ERROR_PAGE_PATH = '/errors/unavailable.html';

/** The page until the product has one of its own; a load balancer's own answers have at most 1,024 characters. */
export const ERROR_PAGE = [
  '<!doctype html>',
  '<html lang="en">',
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width">',
  '<title>Unavailable</title>',
  '<style>body{font:1.1em/1.5 system-ui,sans-serif;margin:20vh auto;max-width:30em;padding:0 1em}</style>',
  '<h1>This site does not answer right now</h1>',
  '<p>Nothing of yours is lost. Please try again in a minute.</p>',
  '</html>',
].join('\n');
