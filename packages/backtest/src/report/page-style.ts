/** The style of the report's page: light and dark after the reader's setting, light on paper, one column on a phone. */
export const pageStyle = `
:root {
  --page: #f5f7fa; --surface: #ffffff; --text: #17212e; --muted: #536174; --line: #dbe1e9; --grid: #e9edf2;
  --swarm: #0b5cd5; --hold: #b45309; --same: #6b4fbb; --fill: rgba(11, 92, 213, 0.12);
  --gain: #0a6b4b; --loss: #b42318; --warn-line: #d9a62e; --warn-page: #fff8e5; --focus: #0b5cd5;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not([data-print]) {
    --page: #0e141d; --surface: #161e2a; --text: #e7ecf3; --muted: #a0aec0; --line: #2b3646; --grid: #222c3a;
    --swarm: #6db1ff; --hold: #f2ab5c; --same: #b9a2ff; --fill: rgba(109, 177, 255, 0.16);
    --gain: #55d3a6; --loss: #ff9389; --warn-line: #a8842f; --warn-page: #292312; --focus: #8dc3ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 32px 24px 48px; max-width: 1180px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 0 0 12px; font-size: 19px; line-height: 1.3; }
h3 { margin: 20px 0 8px; font-size: 15px; }
p { margin: 0 0 12px; }
section { margin: 20px 0; padding: 20px 22px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
section[aria-labelledby="headline"] { padding: 0; background: none; border: 0; }
.product { margin: 0 0 2px; color: var(--muted); font-size: 13px; font-weight: 600; letter-spacing: 0.04em; }
.span { margin: 4px 0 18px; color: var(--muted); }
.hint { margin: 8px 0 12px; color: var(--muted); font-size: 13px; }
.unseen, table > caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
aside { padding: 14px 18px; background: var(--warn-page); border: 1px solid var(--warn-line); border-left-width: 5px; border-radius: 8px; }
aside p { margin: 0 0 4px; font-weight: 650; }
aside ul { margin: 0; padding-left: 20px; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 12px; margin: 0; }
.tile { padding: 14px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.tile dt { color: var(--muted); font-size: 13px; }
.tile dd { margin: 0; }
.tile .value { font-size: 25px; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tile .note { color: var(--muted); font-size: 13px; }
.gain { color: var(--gain); }
.loss { color: var(--loss); }
figure { margin: 0; }
.chart { min-height: 40px; border-radius: 6px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
.uplot { font-family: inherit; }
.u-legend { font-size: 13px; text-align: left; margin: 4px 0 0; color: var(--text); }
.u-legend .u-value { font-variant-numeric: tabular-nums; }
.u-legend .u-marker { height: 3px; border: 0; }
.u-select { background: var(--fill); }
.u-cursor-x { border-color: var(--muted) !important; }
.options { display: flex; flex-wrap: wrap; gap: 16px; align-items: center; margin: 8px 0 0; font-size: 13px; }
.options button, .sortable button { font: inherit; color: inherit; cursor: pointer; }
.options button { padding: 3px 12px; background: none; border: 1px solid var(--muted); border-radius: 6px; }
.columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px 36px; align-items: start; }
.scroll { position: relative; overflow-x: auto; }
.tall { max-height: 460px; overflow-y: auto; border: 1px solid var(--line); border-radius: 8px; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { padding: 5px 10px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--grid); }
thead th { color: var(--muted); font-size: 13px; font-weight: 600; border-bottom-color: var(--line); }
tbody th { font-weight: 400; }
.number { padding-right: 0; padding-left: 10px; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.u-legend th, .u-legend td { padding: 2px 4px; border: 0; }
.u-legend.u-inline tr { margin-right: 20px; }
.tall th, .tall td { padding: 5px 12px; white-space: nowrap; }
.tall thead th { position: sticky; top: 0; z-index: 1; background: var(--surface); box-shadow: 0 1px 0 var(--line); }
.sortable button { padding: 0; background: none; border: 0; font-weight: 600; }
.sortable button::after { content: " \\2195"; opacity: 0.45; }
.sortable [aria-sort="ascending"] button::after { content: " \\2191"; opacity: 1; }
.sortable [aria-sort="descending"] button::after { content: " \\2193"; opacity: 1; }
.months td, .months th { padding-left: 6px; font-size: 13px; }
.months tbody th, .months tr > :last-child { font-weight: 650; }
.bars td:last-child { width: 40%; padding: 10px 0 0 14px; }
.bars svg { display: block; width: 100%; height: 10px; }
.bars rect { fill: var(--swarm); }
.bars tbody th { overflow-wrap: anywhere; }
details { margin-top: 16px; }
summary { cursor: pointer; font-weight: 600; }
details .columns { margin-top: 10px; }
section[aria-labelledby="tape"] td, details td, code { overflow-wrap: anywhere; }
footer { padding: 4px 22px; color: var(--muted); font-size: 13px; }
footer dl { margin: 0 0 10px; }
footer dt { display: inline; font-weight: 600; }
footer dt::after { content: ": "; }
footer dd { display: inline; margin: 0; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (max-width: 720px) {
  body { padding: 20px 12px 32px; }
  h1 { font-size: 24px; }
  section { padding: 16px 14px; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 10px 12px; }
  .tile .value { font-size: 20px; }
  .columns { grid-template-columns: minmax(0, 1fr); }
  .bars td:last-child { width: 26%; }
  .bars table { font-size: 13px; }
}
@media print {
  :root { --page: #ffffff; }
  body { padding: 0; max-width: none; font-size: 11px; }
  section, .tile, aside { border-color: #c4ccd6; }
  section { padding: 10px 12px; }
  .tile, figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .options, .hint { display: none; }
  :focus-visible { outline: none; }
  .sortable button::after { content: none !important; }
  .tall { max-height: none; overflow: visible; border: 0; }
  .tall thead th { position: static; }
  table { font-size: 10px; }
}
`.trim()
