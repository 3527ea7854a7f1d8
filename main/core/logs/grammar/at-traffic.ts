import { parseCommand } from '../../at/command.ts';
import { bareAnswerFacts, errorFacts, informationFacts } from './at-answers.ts';
import { type Block, continuing, factsWith, type Grammar, type GrammarMatch, type LineFacts, newFacts, opening } from './grammar.ts';
import { PatternFilter } from './pattern-filter.ts';

/**
 * What a modem and its host say to each other (reference/cat1.md §5): commands or their echo, information lines, finals, and what
 * comes unasked. Only commands and lines of the form `+NAME: …` are known by themselves; `OK` or a bare number mean something
 * after a command and nothing elsewhere, so an exchange is a block.
 *
 * LLCOM's exports put `发→◇` before what was sent, `□` after it, and `收←◆` before what came.
 */
const llcom = /^(发→◇|收←◆)(.*)$/s;
const LLCOM_SENT_END = '□';

/** A command, an information line, or one of the few words that need no context. */
const ownStart = /^[Aa+^*RM]/;
const command = /^(?:AT|at)(?:$|[+*^$%#&] ?[A-Za-z]|[EeVvQqXxZzIiHhOoLlMm]\d{0,2}(?=$|[;+&])|[Aa]$|[Dd][*#0-9"+]|[Ss]\d{1,3}[=?])/;
const information = /^([+*^][A-Z][A-Z0-9_]{0,30})(?::\s*|=(?=\S))(.*)$/s;
const service = /^\+(E_UTRAN|NO) Service$/i;
const error = /^\+(CME|CMS|SOCKET) ERROR:\s*(.*)$/s;
const final = /^(?:OK|ERROR|NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE|CONNECT(?: \d+)?)$/;
/** What firmware says of its sockets and itself, between commands. */
const unasked =
  /^(?:CONNECT (?:OK|FAIL)|ALREADY CONNECT|CLOSED|CLOSE OK|SEND (?:OK|FAIL)|SHUT OK|CONNACK OK|SUBACK|PUBACK|RING|(?:SMS|PB|Call) (?:Ready|DONE))$/i;
/** A module that has just started. */
const ready = /^(?:\+?RDY|AT READY|MODEM:STARTUP|\*ATREADY: ?1)$/i;
const prompt = /^>/;
/** What an author of a document wrote behind a line. */
const remark = /\s(?:\/\/|--).*$/s;
/** Lines of another SDK, which may come in the middle of an exchange. */
const otherSdk = /^(?:DIS|ERR|WRN|INF|DBG)\||^\[(?:DIS|ERR|WRN|INF|DBG)\] |^[\d:. -]{1,40}\||^TWeTalk |^={4,}/;

/** Longer than the longest listing; a command that nobody ends must not claim a log for ever. */
const MAX_EXCHANGE_ROWS = 80;
/** V.250 lets a modem refuse less; what is longer is data. */
const MAX_COMMAND = 2048;
/** Blank lines stand between the lines of an exchange. */
const MAX_GAP = 3;

interface Exchange {
  /** The command under way: its name as answers have it, its text to know its echo by, and whether a row of what came tells it. */
  pending: { name: string; text: string; isTold: boolean } | null;
}

export const atTraffic: Grammar = {
  name: 'at',
  begins: [ownStart, llcom],
  match(text, block) {
    const isAscii = text.charCodeAt(0) < 0x80;
    const arrow = isAscii ? null : llcom.exec(text);
    if (arrow === null && block === null && !isAscii) return null;
    const said = arrow?.[2] ?? text;
    const line = (said.includes('//') || said.includes('--') ? said.replace(remark, '') : said).trim();
    return matchLine(line, text, block, arrow !== null);
  },
  sent(text) {
    const line = text.trim();
    return command.test(line) ? opened(newFacts(text), { pending: { name: commandOf(line).name, text: line, isTold: false } }) : null;
  },
};

const owned = new PatternFilter([[ready], [command], [error], [information], [service]]);

function matchLine(line: string, text: string, block: Block | null, isArrow: boolean): GrammarMatch | null {
  const exchange = exchangeOf(block);
  const message = isArrow ? text.slice(3) : text;
  // Other tasks' lines come between those of an exchange, and few of them begin so.
  const own = owned.possible(line) === 0 ? null : ownMatch(line, message, exchange);
  if (own !== null) return own;

  if (exchange !== null) {
    if (final.test(line)) return ended(factsWith(message, finalFacts(line)), exchange);
    if (unasked.test(line)) return continuing(factsWith(message, unaskedFacts(line)));
    if (prompt.test(line)) return continuing(factsWith(message, { event: 'at.prompt' }));
    if (line === LLCOM_SENT_END) return continuing(newFacts(message));
    const { pending } = exchange;
    if (pending !== null && line !== '' && block !== null && isAnswering(block) && !otherSdk.test(line)) {
      const facts = bareAnswerFacts(pending.name, line);
      // A board that was asked and says no such thing may be no modem.
      if (pending.isTold || facts.event !== undefined) return continuing(factsWith(message, facts));
    }
  }
  // An export of LLCOM's is traffic, whatever is in the line.
  if (!isArrow) return null;
  return exchange === null ? opened(newFacts(message)) : continuing(newFacts(message));
}

/** What is known by itself, outside of exchanges too. */
function ownMatch(line: string, message: string, exchange: Exchange | null): GrammarMatch | null {
  if (ready.test(line)) return opened(factsWith(message, { event: 'boot.rom', payload: { rom: line } }));
  if (command.test(line)) return commandMatch(line, message, exchange);
  const failure = error.exec(line);
  if (failure !== null) return ended(factsWith(message, errorFacts(failure[1] ?? '', failure[2] ?? '')), exchange);
  const said = informationOf(line, exchange);
  if (said === null) return null;
  const facts = factsWith(message, said);
  return exchange?.pending ? continuing(facts) : opened(facts);
}

function isAnswering(block: Block): boolean {
  return block.gap <= MAX_GAP && block.rows < MAX_EXCHANGE_ROWS;
}

function exchangeOf(block: Block | null): Exchange | null {
  // The state is what `opened` put there.
  return block === null ? null : (block.state as Exchange);
}

function commandMatch(line: string, message: string, exchange: Exchange | null): GrammarMatch {
  if (exchange?.pending?.text === line && exchange.pending.isTold) return continuing(newFacts(message));
  const { name, form } = commandOf(line);
  const pending = { name, text: line, isTold: true };
  return opened(factsWith(message, { event: 'at.command', payload: { command: line, name, form } }), { pending });
}

function commandOf(line: string) {
  const [first] = parseCommand(line.slice(0, MAX_COMMAND));
  return first ?? { name: 'AT', form: 'run' as const };
}

function informationOf(line: string, exchange: Exchange | null): Partial<LineFacts> | null {
  const found = information.exec(line);
  if (found !== null) {
    const [, name = '', rest = ''] = found;
    return informationFacts(name, rest, exchange?.pending?.name === name);
  }
  const served = service.exec(line);
  if (served === null) return null;
  const isAvailable = served[1]?.toUpperCase() !== 'NO';
  return { event: 'cellular.service', payload: { isAvailable, ...(isAvailable ? { technology: 'E-UTRAN' } : {}) } };
}

function finalFacts(line: string): Partial<LineFacts> {
  return line === 'ERROR'
    ? { level: 'error', event: 'at.error', payload: { result: line } }
    : { event: 'at.final', payload: { result: line } };
}

function unaskedFacts(line: string): Partial<LineFacts> {
  if (line === 'CONNACK OK') return { event: 'mqtt.connected', payload: {} };
  return { event: 'at.urc', payload: { name: line, values: [] } };
}

function opened(facts: LineFacts, state: Exchange = { pending: null }): GrammarMatch {
  return opening('exchange', facts, state);
}

/** The exchange has its end; its block stays, so that what follows is known to be on an AT port. */
function ended(facts: LineFacts, exchange: Exchange | null): GrammarMatch {
  if (exchange === null) return opened(facts);
  exchange.pending = null;
  return continuing(facts);
}
