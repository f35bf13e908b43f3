"""How a report looks: on screens light or dark, on phones, on paper."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1b2430; --soft: #566173; --line: #d5dae2; --back: #fff; --shade: #f4f6f9;
  --strong: #0b5cad; --warn: #8a3b00; --warn-back: #fff4e8; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 2px solid var(--strong); padding-bottom: 1.2rem; margin-bottom: 1.6rem; }
.eyebrow { margin: 0; color: var(--strong); font-size: .8rem; font-weight: 650; letter-spacing: .06em;
  text-transform: uppercase; }
h1 { margin: .2rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.6rem 0 .7rem; font-size: 1.3rem; line-height: 1.25; }
h3 { margin: 1.6rem 0 .4rem; font-size: 1.02rem; overflow-wrap: anywhere; }
p { margin: .5rem 0; max-width: 44rem; overflow-wrap: anywhere; }
.about, caption, .note { color: var(--soft); font-size: .9rem; }
.about { margin: 0; }
.headline { font-size: 1.35rem; line-height: 1.35; font-weight: 650; margin: 0 0 .6rem; }
.verdict { background: var(--shade); border-left: 4px solid var(--strong); border-radius: 4px; padding: 1.1rem 1.3rem; }
.warning { background: var(--warn-back); border-left: 4px solid var(--warn); border-radius: 4px; padding: .7rem 1.3rem;
  margin: 1rem 0; }
.warning p:first-child { color: var(--warn); font-weight: 650; }
.wide { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .87rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0 0 .4rem; }
th, td { padding: .38rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child { padding-left: 0; }
th { font-weight: 600; }
td { white-space: nowrap; }
thead th { color: var(--soft); vertical-align: bottom; border-bottom-width: 2px; }
th:first-child { text-align: left; min-width: 7rem; overflow-wrap: anywhere; }
.facts td, .counted td { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.facts th, .counted th { white-space: nowrap; width: 1%; padding-right: 1.2rem; }
.counted td { color: var(--soft); }
code { font: .85em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
figure { margin: 1rem 0 1.4rem; }
figure svg { display: block; max-width: 100%; height: auto; }
.narrow { display: none; }
ul { padding-left: 1.2rem; max-width: 44rem; }
li { margin: .3rem 0; }
footer { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: .8rem;
  color: var(--soft); font-size: .85rem; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --soft: #a3adbb; --line: #353d49; --back: #14171c; --shade: #1d222a; --strong: #6fb1f5;
    --warn: #f5b27a; --warn-back: #2d2219; }
}
@media screen and (max-width: 46rem) {
  body { font-size: 15px; }
  main { padding: 1.2rem 1rem 3rem; }
  h1 { font-size: 1.45rem; }
  .headline { font-size: 1.15rem; }
  .broad { display: none; }
  .narrow { display: block; }
  .facts th, .counted th { white-space: normal; width: 34%; min-width: 6rem; }
}
@page { size: A4; margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  table { font-size: 8.2pt; }
  th, td { padding: .25rem .4rem; white-space: normal; }
  .counted th, .counted td { padding: .1rem .4rem; }
  h2, h3, caption { break-after: avoid; }
  h2 { margin-top: 1.6rem; }
  figure, tr, .wide, .verdict, .warning { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  .verdict, .warning { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
