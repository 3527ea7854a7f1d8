import type { LogRow } from '../../../../preload/contract/logs.ts';

/**
 * What a board tells of the network it happens to be in, of its cloud and of why it was reset has checks of its own; what is compared is the
 * board itself: its parts and its system.
 */
const elsewhere = /^(?:net|wifi|mqtt|cellular|voice|twetalk|tuya|time|boot\.reset|sim|signal)(?:\.|$)/;
const elsewhereTags = /wifi|netif|dhcp|lwip|mqtt|tls|transport|http|websocket|sntp|dns|phy_init/i;
const elsewhereGrammars: readonly string[] = ['twetalk', 'agentic-kit', 'at'];

export function isOfBoard({ event, tag, grammar }: LogRow): boolean {
  return !elsewhere.test(event ?? '') && !elsewhereTags.test(tag ?? '') && !elsewhereGrammars.includes(grammar);
}
