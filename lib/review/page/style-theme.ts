const LIGHT = `--ground:#f6f7f9;--panel:#fff;--sunken:#f1f3f6;--ink:#17202b;--soft:#566272;--line:#dde2e9;--link:#1b4f91;
--ok:#17693a;--ok-ground:#e9f5ee;--ok-line:#a9d6bb;--error:#a81e13;--error-ground:#fdeeec;--error-line:#efb5ae;
--warning:#855000;--warning-ground:#fdf4e3;--warning-line:#e8c98c;--note:#3c5878;--note-ground:#ebf1f8;--note-line:#bfd0e4;
--wire:#8794a4;--edge:#6a4fb3;--entry:#1b6fb5;--compute:#b8651b;--messaging:#a83a7c;--data:#2a7f4f;--elsewhere:#6b7685;`;

const DARK = `--ground:#0e1319;--panel:#161c25;--sunken:#1c2430;--ink:#e4e9f0;--soft:#9aa6b5;--line:#2b3542;--link:#8fbcf5;
--ok:#7fd3a0;--ok-ground:#12281c;--ok-line:#2c5b40;--error:#ff9d94;--error-ground:#331816;--error-line:#6e302a;
--warning:#eebf6d;--warning-ground:#2d2312;--warning-line:#62491d;--note:#a8c3e6;--note-ground:#18243a;--note-line:#33486a;
--wire:#66758a;--edge:#a893ec;--entry:#68b3ee;--compute:#eda666;--messaging:#e589bd;--data:#71c596;--elsewhere:#97a3b3;`;

/** Colours, type, and the frame of the page. */
export const THEME_STYLE = `
:root{color-scheme:light dark;${LIGHT}--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:84px}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 -apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,system-ui,sans-serif;overflow-wrap:anywhere}
p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:3px}
code,.id{font-family:var(--mono);font-size:.86em}
[hidden]{display:none!important}
.skip{position:absolute;left:-999em}
.skip:focus{left:8px;top:8px;z-index:9;background:var(--panel);padding:8px 12px}
.layout{display:grid;grid-template-columns:204px minmax(0,1fr);gap:0 24px;max-width:1360px;margin:0 auto;padding:0 24px}
aside{font-size:14px}
aside nav{position:sticky;top:0;max-height:100vh;overflow-y:auto;padding:28px 0 20px}
aside a{display:flex;gap:8px;align-items:baseline;padding:5px 10px;border-radius:6px;color:var(--soft);text-decoration:none;line-height:1.35}
aside a:hover{color:var(--ink);background:var(--sunken)}
aside a[aria-current]{color:var(--ink);background:var(--sunken);box-shadow:inset 3px 0 var(--link);border-radius:2px 6px 6px 2px}
aside .count,aside .alarm{flex:none}aside .count{margin-left:auto}
.count{color:var(--soft);font-weight:400;font-variant-numeric:tabular-nums}
.alarm{margin-left:auto;background:var(--error);color:var(--panel);border-radius:99px;padding:0 7px;font-size:12px;line-height:19px;font-weight:600;font-variant-numeric:tabular-nums}
main{min-width:0;padding:28px 0 64px}
main:focus{outline:0}
section{margin:44px 0 0}
h1{font-size:27px;line-height:1.28;margin:10px 0 18px;font-weight:650;letter-spacing:-.012em;text-wrap:balance}
h2{font-size:20px;line-height:1.3;margin:0;font-weight:650;letter-spacing:-.005em}
h2 .count{font-size:16px;margin-left:4px}
.lead{color:var(--soft);margin-top:2px;max-width:96ch}
section>h2+:not(.lead),section>.lead+*{margin-top:14px}
.nothing,.unmatched{color:var(--soft);background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:14px 16px}
@media screen and (max-width:760px){
html{scroll-padding-top:132px}
body{font-size:15px}
.layout{display:block;padding:0 12px}
aside{position:sticky;top:0;z-index:4;margin:0 -12px;background:var(--ground);border-bottom:1px solid var(--line)}
aside nav{position:static;padding:6px 8px;overflow-x:auto;scrollbar-width:none}
aside ol{display:flex;gap:2px}
aside a{white-space:nowrap;padding:7px 10px}
main{padding-top:14px}
h1{font-size:22px}
section{margin-top:36px}
}
`;

/** On paper: everything unfolded, nothing to click, and always black on white. */
export const PRINT_STYLE = `
.signature{display:none}
@media print{
:root{color-scheme:light;${LIGHT}--ground:#fff}
@page{margin:14mm}
main{zoom:.76}
.layout{display:block;padding:0;max-width:none}
aside,.toolbar,.skip,.unmatched,.gist{display:none!important}
main{padding:0}
section{margin-top:30px}
.verdict{break-inside:avoid}
h2,summary{break-after:avoid}
tr,.entry,.places>li{break-inside:avoid}
details::details-content{content-visibility:visible!important;display:block!important;block-size:auto!important}
summary{list-style:none}
.frame{overflow:visible!important}
svg.picture{max-width:100%;height:auto;min-width:0!important}
a{color:inherit}
.signature{display:flex;gap:10px;align-items:flex-end;margin-top:28px}
.signature span{flex:1;border-bottom:1px solid var(--ink)}
}
@media screen{.off{display:none!important}}
`;
