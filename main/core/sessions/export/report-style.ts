/** Colours tell apart without red and green, in light and dark; owners also have their names beside them. */
export const reportStyle = `
:root{color-scheme:light dark;--quiet:light-dark(#666,#aaa);--line:light-dark(#ddd,#444);--bad:light-dark(#b3261e,#ff8a80)}
body{font:14px/1.45 system-ui,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2rem}h3{font-size:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt,.quiet,small{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:start;vertical-align:top}
.number{text-align:end;font-variant-numeric:tabular-nums;white-space:nowrap}.text{max-width:18rem;overflow-wrap:anywhere;unicode-bidi:isolate}
.bad,.bad small{color:var(--bad)}del{color:var(--quiet)}figure{margin:.5rem 0}audio{width:100%;max-width:40rem}
.setting{fill:#e69f00}.engine{fill:#0072b2}.pipeline{fill:#cc79a7}.device{fill:#009e73}
.curve{fill:none;stroke:#0072b2;stroke-width:2}.axis{stroke:var(--line)}svg text{fill:var(--quiet);font-size:11px}
.legend span{margin-inline-end:1rem;white-space:nowrap}
@media print{body{margin:0}audio{display:none}}
`;
