import { TEXT_SIZES } from './picture-text';

/** The verdict, the search, marks and notes. */
export const PARTS_STYLE = `
.verdict{border:1px solid var(--line);border-left-width:6px;border-radius:12px;background:var(--panel);padding:24px 28px}
.verdict.clean{border-color:var(--ok-line);background:var(--ok-ground)}
.verdict.unclean{border-color:var(--error-line);background:var(--error-ground)}
.verdict.clean,.promotion.clean{border-left-color:var(--ok)}
.verdict.unclean,.promotion.unclean{border-left-color:var(--error)}
.answer{color:var(--soft)}
.stamp{display:inline-block;font-weight:650;border-radius:99px;padding:2px 12px;margin-right:6px;color:var(--panel);background:var(--ok)}
.unclean .stamp{background:var(--error)}
.tiles{display:flex;flex-wrap:wrap;gap:8px}
.tile{display:inline-block;border:1px solid var(--line);border-radius:8px;background:var(--panel);padding:6px 14px;color:var(--ink);text-decoration:none}
a.tile:hover{border-color:currentColor}
.tile b{font-size:19px;font-weight:650;margin-right:3px;font-variant-numeric:tabular-nums}
.tile.none{color:var(--soft)}
.tile.error b{color:var(--error)}.tile.warning b{color:var(--warning)}.tile.note b{color:var(--note)}
.cautions{margin-top:16px}
.cautions li{position:relative;padding-left:18px;margin-top:3px}
.cautions li::before{content:"";position:absolute;left:3px;top:.62em;width:6px;height:6px;border-radius:50%;background:var(--warning)}
.made{margin-top:16px;font-size:13px;color:var(--soft)}
.toolbar{position:sticky;top:0;z-index:3;display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:20px 0 0;padding:10px 0;background:var(--ground);border-bottom:1px solid var(--line)}
.toolbar input{flex:1 1 150px;min-width:0}
.toolbar input,.toolbar select,.toolbar button,.toolbar summary{font:inherit;font-size:14px;color:var(--ink);background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:7px 10px;max-width:100%}
.toolbar button:disabled{color:var(--soft);opacity:.6}
.toolbar button:not(:disabled),.toolbar summary{cursor:pointer}
.selects{display:flex;flex-wrap:wrap;gap:8px}
.toolbar select{max-width:134px;text-overflow:ellipsis}
.toolbar select.set{border-color:var(--link);color:var(--link)}
#left{flex:none;font-size:13px;color:var(--soft);font-variant-numeric:tabular-nums;min-width:96px;text-align:right}
@media (min-width:761px){#filters summary{display:none}}
@media screen and (max-width:760px){
.verdict{padding:18px 16px}
.toolbar{top:47px;gap:6px}
.toolbar input{flex-basis:120px}
.toolbar #filters[open]{order:9;flex-basis:100%}
.selects{display:grid;grid-template-columns:1fr 1fr;margin-top:6px}
.toolbar select{width:100%;max-width:none}
.toolbar summary{display:inline-block;list-style:none}
#left{min-width:0}
}
.mark{display:inline-block;border:1px solid var(--line);border-radius:5px;padding:0 7px;font-size:12.5px;line-height:1.55;font-weight:600;text-decoration:none;white-space:nowrap}
.mark.error{color:var(--error);background:var(--error-ground);border-color:var(--error-line)}
.mark.warning{color:var(--warning);background:var(--warning-ground);border-color:var(--warning-line)}
.mark.note{color:var(--note);background:var(--note-ground);border-color:var(--note-line)}
.attention{margin-top:8px;padding:6px 10px;border-left:3px solid var(--warning);border-radius:0 6px 6px 0;background:var(--warning-ground);color:var(--warning);font-size:13.5px}
.promotion{border:1px solid var(--line);border-left-width:6px;border-radius:10px;background:var(--panel);padding:12px 16px;margin-bottom:12px}
.promotion~.tiles{margin:12px 0}

.group,.entry{overflow:clip;background:var(--panel);border:1px solid var(--line);border-radius:10px;margin-top:8px}
.group>summary{padding:9px 16px;cursor:pointer}
.group>summary .count{float:right;margin-left:12px;font-size:14px}
.group>summary::marker{color:var(--soft)}
.group table,.entry table{border:0;border-radius:0}
.group>table,.group>.places{border-top:1px solid var(--line)}

.gist{display:block;color:var(--soft);font-size:13.5px;margin:2px 0 0 16px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
[open]>summary>.gist{display:none}
@media screen and (max-width:760px){.gist{white-space:normal;margin-left:0}}
.answered{border-top:1px solid var(--line);padding-top:12px}
.answered>p{padding:0 16px 4px;margin-top:0}
.entry{padding-top:12px}
.entry>.reason,.entry>.written{padding:0 16px}
.written .lines{display:inline;font-size:inherit}
.entry>.written{font-size:13px;color:var(--soft);margin-top:4px;padding-bottom:10px}
.entry>details>summary{padding:6px 16px;font-size:14px;color:var(--soft);border-top:1px solid var(--line);cursor:pointer}
.entry>table{border-top:1px solid var(--line)}
.entry.faulty{border-left:4px solid var(--error)}
.reason{max-width:84ch}
.places>li{padding:8px 16px;border-top:1px solid var(--line)}
.places>li:first-child{border-top:0}
@media screen and (max-width:760px){.group>summary .count{float:none;display:block;margin-left:0}.group>summary,.places>li,.answered>p,.entry>.reason,.entry>.written{padding-left:12px;padding-right:12px}}
`;

/** Tables, which turn into cards on a narrow screen. */
export const TABLE_STYLE = `
table{width:100%;table-layout:fixed;border-collapse:separate;border-spacing:0;background:var(--panel);border:1px solid var(--line);border-radius:10px;font-size:14px;line-height:1.45}
th,td{text-align:left;vertical-align:top;padding:10px 12px;font-weight:400;border-top:1px solid var(--line)}
th:first-child,td:first-child{padding-left:16px}th:last-child,td:last-child{padding-right:16px}
thead th{border-top:0;color:var(--soft);font-size:12.5px;padding-top:8px;padding-bottom:8px;vertical-align:bottom;overflow-wrap:normal}
.findings thead,.resources thead,.register thead{display:none}
.findings tr:first-child>*,.register tr:first-child>*,.resources tr:first-child>*{border-top:0}
.checks td{font-variant-numeric:tabular-nums}
.checks .bar{margin-top:7px}
.checks td[colspan]{text-align:left}
tr:target>*,li:target,figure:target{background:var(--note-ground)}
.at>*{display:block}
.at .id,.at b{display:inline}
.findings .type,.resources .type,.limits .type,.places .type{display:inline;margin-left:4px}
.id{font-weight:600;user-select:all}
.type,.path,.lines,.source,.property{color:var(--soft);font-size:12.5px}
.path,.lines,.property{display:block;line-height:1.4}
.type>span{display:inline-block}
.type>span:not(:last-child){margin-right:10px}
.lines>span{display:inline-block}.lines>span:first-child{margin-right:10px}
.group>summary .type{white-space:nowrap}
.lines>span{user-select:all}
.property{color:var(--ink);margin-top:3px}
.kind{font-weight:600;display:block}
.rule{font-weight:600}
th>.mark{margin-bottom:3px}th>.mark+.rule{display:block}
.remedy,.source,.why+.reason{margin-top:5px}
.way li{position:relative;padding-left:20px}
.way li+li{margin-top:3px}
.way li::before{content:"";position:absolute;left:4px;top:.55em;width:7px;height:7px;border-radius:50%;border:2px solid var(--entry)}
.way li+li::after{content:"";position:absolute;left:8px;bottom:calc(100% - .45em);height:calc(100% - .75em);border-left:2px solid var(--line)}
.from{font-weight:600}
.from.anyone{color:var(--error)}
.weak{color:var(--error);font-weight:600}
td dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 10px}
dt{color:var(--soft);font-size:12.5px;grid-column:1}dd{grid-column:2}
td>p+dl,.from+dl{margin-top:6px}
.why li+li{margin-top:3px}
.bar{display:block;width:100%;height:7px;border-radius:4px;margin-top:4px}
.rail{fill:var(--line)}rect.passed{fill:var(--ok)}rect.quiet{fill:var(--wire)}rect.error{fill:var(--error)}rect.warning{fill:var(--warning)}
.gauge{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}.gauge b{color:var(--ink);font-size:15px}
.properties li{display:inline-block;margin:0 8px 2px 0}
@media screen and (max-width:760px){
table,tbody,tr,th,td{display:block;width:auto!important}
thead{display:none}
tr{padding:11px 12px;border-top:1px solid var(--line)}
tbody>tr:first-child{border-top:0}
tr>th,tr>td,tr>th:first-child,tr>td:first-child,tr>th:last-child,tr>td:last-child{border:0;padding:0;text-align:left!important}
tr>*+*{margin-top:8px}
td:empty{display:none}
td::before{display:block;color:var(--soft);font-size:12px}
.checks td[colspan]::before{display:none}
tr:target{background:var(--note-ground)}
.checks tr,.limits tr{display:grid;grid-template-columns:repeat(3,1fr);gap:8px 12px}
.limits tr{grid-template-columns:1fr 1fr}
.checks tr>*+*,.limits tr>*+*{margin:0}
.checks th,.checks td:last-child,.limits th{grid-column:1/-1}
.checks .bar{margin:0}
.at .type{display:block!important;margin-left:0!important}
}
`;

/** The drawing. */
export const PICTURE_STYLE = `
.drawn>figure{border-top:1px solid var(--line)}
.frame{overflow-x:auto;padding:8px 4px}
.frame:focus-visible{outline-offset:-3px}
svg.picture{display:block;margin:0 auto;max-width:100%;height:auto}
.wires{padding:6px 16px 10px;font-size:13px;color:var(--soft)}
.wires summary{cursor:pointer}
.wires ul{columns:3 240px;column-gap:24px;margin-top:6px}
.picture text{fill:var(--ink);font-size:${TEXT_SIZES.detail}px}
.picture .label{font-size:${TEXT_SIZES.label}px;font-weight:600}
.picture .kind,.picture .column{fill:var(--soft);font-weight:400}
.picture .column{font-size:13px;font-weight:600}
.node rect{fill:var(--panel);stroke:var(--line);stroke-width:1.25}
.node .stripe{stroke:none;fill:var(--elsewhere)}
.internet rect{fill:var(--sunken)}.internet text{font-weight:600}
.node.edge .stripe{fill:var(--edge)}.node.entry .stripe{fill:var(--entry)}.node.compute .stripe{fill:var(--compute)}.node.messaging .stripe{fill:var(--messaging)}.node.data .stripe{fill:var(--data)}
.picture a:hover rect,.picture a:focus-visible rect{stroke:var(--link)}
.picture a:focus-visible{outline:0}
.picture a:focus-visible rect{stroke-width:2.5}
.wire path{fill:none;stroke:var(--wire);stroke-width:1.2}
.wire .tip{fill:var(--wire);stroke:none}
.lit .wire{opacity:.18}
.lit .wire.on{opacity:1}
.lit .wire.on path{stroke:var(--link);stroke-width:1.8}.lit .wire.on .tip{fill:var(--link)}
@media screen and (max-width:760px){svg.picture{max-width:none;margin:0;zoom:.82}.frame{padding:8px}}
`;
