import { type Block, continuing, factsWith, type Grammar, type GrammarMatch, type LineFacts, newFacts, opening } from './grammar.ts';
import { PatternFilter } from './pattern-filter.ts';
import { addTime, readSdkLine } from './twetalk-line.ts';
import { type Copying, matchWrapped } from './twetalk-wrapped.ts';

const hexDump = /^([\d:. -]+)\|([^|]+)\|([^|(]+)\((\d+)\) (.*?) length : (\d+), data : ?$/;
const hexDumpLine = /^(?:offset: |[0-9a-f]{4,8}h: )/i;
const bannerRule = /^={4,}\s*$/;
const bannerTitle = /^TWeTalk Device Information\s*$/;
const bannerField = /^(current version|build time|device_id|version|device id|device|product)\s*: (.*\S)/i;
/** Blank lines stand between the lines of a banner. */
const MAX_BANNER_GAP = 2;

/** The Tencent IoT and TWeTalk C SDK (reference/twetalk.md §10). Its boards also print ESP-IDF lines, which are that grammar's. */
export const twetalk: Grammar = {
  name: 'twetalk',
  begins: [/^(?:DIS|ERR|WRN|INF|DBG)\|/, /^\[(?:DIS|ERR|WRN|INF|DBG)\] /],
  match(text, block) {
    const line = readSdkLine(text);
    return line === null ? null : opened('line', line.facts, block);
  },
  claim(text, block) {
    if (block === null && unframed.possible(text) === 0) return null;
    return matchHexDump(text, block) ?? matchBanner(text, block) ?? matchWrapped(text, block);
  },
};

/** What it claims with no block open. */
const unframed = new PatternFilter([[hexDump, bannerTitle, bannerRule]]);

/** Every block of this grammar knows how the log was copied. */
function opened(name: string, facts: LineFacts, before: Block | null): GrammarMatch {
  const copying: Copying = before === null ? { isWrapped: false } : (before.state as Copying);
  return opening(name, facts, copying);
}

function matchHexDump(text: string, block: Block | null): GrammarMatch | null {
  if (block?.name === 'hex-dump' && hexDumpLine.test(text)) return continuing(newFacts(text));
  const head = hexDump.exec(text);
  if (head === null) return null;
  const [, time = '', file = '', name = '', number, title, bytes] = head;
  const facts = factsWith(`${title} length : ${bytes}`, {
    file,
    function: name,
    line: Number(number),
    event: 'twetalk.hex-dump',
    payload: { name: title, bytes: Number(bytes) },
  });
  addTime(facts, time);
  return opened('hex-dump', facts, block);
}

function matchBanner(text: string, block: Block | null): GrammarMatch | null {
  const isInBanner = block?.name === 'banner' && block.gap <= MAX_BANNER_GAP;
  if (bannerTitle.test(text)) return opened('banner', factsWith(text, { event: 'twetalk.banner' }), block);
  if (bannerRule.test(text)) return isInBanner ? continuing(newFacts(text)) : opened('banner', newFacts(text), block);
  const field = isInBanner ? bannerField.exec(text) : null;
  if (field === null) return null;
  const [, key = '', value] = field;
  return continuing(factsWith(text, { event: 'twetalk.banner', payload: { key: key.toLowerCase(), value } }));
}
