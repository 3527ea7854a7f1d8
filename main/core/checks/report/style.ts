import { reportStyle } from '../../sessions/export/report-style.ts';

/** On A4 a run begins on a page of its own, no row, figure or list of values is torn, nothing stays behind alone, and each page has its number. */
export const checkReportStyle = `${reportStyle}
:root{background:light-dark(#fff,#161616);color:light-dark(#000,#eee);--good:light-dark(#1b6e3c,#7fd8a0);--doubt:light-dark(#8a5a00,#ffc46b)}
.verdict{display:inline-block;border:2px solid;border-radius:.4rem;padding:.2rem 1rem;font-size:1.5rem;font-weight:700;margin:.2rem 1rem .2rem 0}
.passed{color:var(--good)}.failed,.bad{color:var(--bad)}.incomplete,.person,.error{color:var(--doubt)}.skipped,.waiting,.cancelled{color:var(--quiet)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(22rem,1fr));gap:0 2rem}.facts dl{align-content:start}
td.state,td.time,.overview th{white-space:nowrap}.overview td:first-child,.overview td.text{min-width:8em;overflow-wrap:anywhere}.overview td.list{min-width:7em}tr.group th{background:light-dark(#f2f2f2,#2a2a2a);padding-top:.5rem}tr.value td{border-bottom-style:dotted}
footer{margin-top:2rem}
details{margin:1rem 0;border-inline-start:3px solid var(--line);padding-inline-start:.8rem}summary{cursor:pointer;font-weight:600;margin-bottom:.3rem}summary small{font-weight:400}
details.failed{border-color:var(--bad)}details>*{color:light-dark(#000,#eee)}details .bad{color:var(--bad)}details .quiet,details small{color:var(--quiet)}
.next{border:1px solid;border-radius:.3rem;padding:.3rem .6rem;margin:.4rem 0}pre{font:12px/1.4 ui-monospace,monospace;background:light-dark(#f6f6f6,#222);padding:.5rem;white-space:pre-wrap;overflow-wrap:anywhere;margin:.3rem 0}
blockquote{margin:.3rem 0;padding-inline-start:.6rem;border-inline-start:2px solid var(--line)}.plot{max-width:100%;height:auto}
.sign{display:grid;grid-template-columns:1fr 1fr;gap:1rem 2rem;margin-top:1rem}.sign div{border:1px solid var(--line);padding:.6rem .8rem}
.sign p{margin:.2rem 0 1.1rem;border-bottom:1px solid var(--quiet)}.sign b{display:block;margin-bottom:.8rem}
@page{size:A4;margin:14mm 14mm 16mm;@bottom-right{content:counter(page) " / " counter(pages);font:9px system-ui,sans-serif;color:#666}}
@media print{:root{color-scheme:light}body{font-size:11px;max-width:none}.run{break-before:page}.run.only{break-before:auto}
h1,h2,h3,summary,tr.group,tr.check.value{break-after:avoid}details dl{break-inside:avoid}details>p.quiet{break-after:avoid}tr,figure,.next,.sign,blockquote{break-inside:avoid}figure.lines{break-inside:auto}figcaption{break-after:avoid}thead{display:table-header-group}.facts{grid-template-columns:1fr 1fr}
summary{list-style:none}summary::-webkit-details-marker{display:none}pre{font-size:9px;box-decoration-break:clone;-webkit-box-decoration-break:clone}pre.narrow{columns:2}
details::details-content{content-visibility:visible;display:contents}*{print-color-adjust:exact}a{color:inherit;text-decoration:none}}
`;
