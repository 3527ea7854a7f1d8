import type { ErrorCode } from './talk-error.ts';

/**
 * Why something cannot be used: `data.reason` of these errors. Each has words in both languages; the facts they need stand beside it in
 * `data`, and never a value, which may be a secret.
 */
export const reasons = {
  'flash/bad-offset': [
    'not-a-number',
    'not-address-and-file', // what stands before '=' is no address
    'off-sector', // begins inside a sector of 4 KiB
    'ends-off-sector',
    'partition-off-sectors', // data {partition}
    'own-addresses', // data {name}: the file says its addresses itself
    'has-its-place', // data {name, place}: the only one where its chip looks for it
    'applications-elsewhere', // data {name, places}: of the board's own table
  ],
  'flash/no-offset': [
    'values', // for NVS: they belong to the provisioning
    'unknown-bootloader', // data {chipId}
    'no-table', // among the files
    'unconfirmed', // the board's table cannot be read, and something stands in its place
    'no-application-partition',
    'no-partition-of-name',
    'no-partition-of-kind', // data {kinds}
    'several-partitions', // data {partitions}
    'chip-without-table', // a BK7258
  ],
  'nvs/bad-value': [
    'namespace-empty',
    'namespace-nul',
    'namespace-too-long', // data {mostBytes}
    'key-empty',
    'key-nul',
    'key-too-long', // data {mostBytes}
    'odd-hex',
    'not-hex',
    'not-base64',
    'not-a-number', // data {type}
    'out-of-range', // data {type, least, greatest}
    'string-nul',
    'not-unicode',
    'string-too-long', // data {sizeBytes, mostBytes}
    'blob-too-long', // data {mostPieces}
    'too-many-namespaces', // data {most}
    'twice',
    'variable-not-closed',
    'variable-name',
  ],
  'nvs/bad-csv': [
    'not-utf8',
    'empty',
    'no-column', // data {column}
    'no-key',
    'before-namespace',
    'key-twice', // data {key, namespace}
    'no-encoding',
    'no-value',
    'unknown-type', // data {type}
    'unknown-encoding', // data {encoding}
    'files-not-read',
    'file-unreadable',
    'file-not-text', // data {encoding}
    'longer-than-said', // data {saidBytes}
    'quotation-mark',
    'not-csv',
  ],
  'provisioning/bad-list': [
    'not-utf8',
    'empty',
    'only-header',
    'header-lacks', // data {columns}
    'is-header', // said to be a device
    'column-count', // data {found}
    'cell-empty', // data {columns}
    'product-id',
    'device-name',
    'device-secret',
    'unlike-triple', // data {columns}: without a header, and not as the cloud makes them
    'same-device', // data {otherLine}
    'same-client-id', // data {otherLine}
    'quotation-mark',
  ],
  // Or the words of the window's browser.
  'wifi/radio-lost': ['disconnected', 'window-closed', 'window-silent', 'taken'],
  // Or the words of the board.
  'wifi/refused': ['no-reason', 'no-station-mode', 'network-not-taken', 'not-connected', 'token-not-taken'],
  'engine/bad-config': [
    'missing',
    'not-text',
    'not-a-number',
    'out-of-range', // data {least, greatest}
    'not-an-option', // data {options}
    'not-yes-or-no',
    'not-an-address',
    'not-a-region',
    'not-json',
    'unknown-field',
    'is-a-secret', // it belongs among the secrets, not in the configuration
    'no-secret', // and this the other way round
    'other-address', // a kept key does not follow an address to another host
    'not-a-key', // characters in it that no request can carry
    'unknown-kind', // data {kind, stage}
    'other-stage', // a profile keeps its stage
    'embedded-id', // data {id}: an engine of ours has that name
  ],
  'latency/bad-assertion': [
    'form',
    'metric', // data {name}
    'no-statistic', // data {name}
    'statistic', // data {name}
    'unit', // data {name}: a count has none
  ],
  'latency/bad-budget': [
    'not-yaml', // data {line}
    'aliases',
    'no-limits',
    'no-statistic', // data {at}
    'metric', // data {at}
    'statistic', // data {at}
    'number', // data {at}
  ],
  'check/bad-opus': [
    'empty',
    'too-large', // data {limitBytes}
    'wav', // RIFF/WAVE: no packets in it
    'nothing-recorded', // a file of one byte over and over, or Ogg without sound
    'unknown-shape',
    'damaged', // Ogg of which no whole page is left
    'not-opus', // Ogg of something else
    'channels', // data {channels}
  ],
} as const satisfies Partial<Record<ErrorCode, readonly string[]>>;

export type Reason<Code extends keyof typeof reasons> = (typeof reasons)[Code][number];
