/**
 * Expected failures are values. `code` is what programs and the renderer's sentences key on, `data` carries the
 * facts the sentence needs. Anything thrown that is not one of these is a bug and crosses the boundary as
 * `internal` with an id that also stands in the log.
 */
export const errorCodes = [
  // every topic
  'internal', // data {id}
  'bad-request', // data {issues}
  'unknown-call', // data {name}
  'not-found', // data {what, id}
  'cancelled',
  'disconnected', // the transport went away with the call under way
  'too-large', // data {limitBytes, sizeBytes}
  'forbidden', // data {role}
  'unsupported', // data {feature, why}
  'timeout', // data {operation, timeoutMs}
  // ports
  'port/not-found', // data {address}
  'port/busy', // data {address, owner?, pid?}
  'port/permission', // data {address, group?, command?, rule?}: what to run, and a udev rule that does the same for every user
  'port/sending', // data {address}: a file is on its way already
  'port/not-approved', // data {address, name}: no such command, or not a name
  'port/list-unavailable', // data {missing}: Debian's udev is not installed
  'port/refused', // data {address, reason}: socket:// or rfc2217:// peer
  'port/closed', // data {address}
  'port/unsupported', // data {address, feature}
  'port/bad-address', // data {address}
  'port/lost', // data {address, reason}
  // boards
  'board/pty-unavailable', // data {platform}
  'board/not-running', // data {name}
  // symbols
  'symbols/bad-elf', // data {path, reason}
  // flash
  'flash/sync-timeout', // data {address, attempts, seen: 'nothing'|'application'|'download-mode'|'noise', bootMode?, echo?: true}
  'flash/protocol', // data {command, status, reason}
  'flash/verify-mismatch', // data {offset, expected, actual, file?}
  'flash/wrong-chip', // data {expected, actual, file?}
  'flash/too-big', // data {offset, sizeBytes, flashBytes, file?}
  'flash/overlap', // data {first, second}
  'flash/bad-file', // data {path, reason}
  'flash/bad-offset', // data {offset, reason}
  'flash/no-offset', // data {name, reason}: a file without an offset that nothing finds a place for
  'flash/does-not-fit', // data {name, sizeBytes, partition, partitionBytes}
  'flash/secured', // data {secureBoot, flashEncryption, secureDownload}: only with force
  'flash/no-partition', // data {partition}: not in the board's table
  'flash/no-stub', // data {chip}
  'flash/busy', // data {address}: another job holds the port
  'flash/cancelled', // data {stage, boardState}
  'flash/vendor-tool', // data {chip, tool}: nobody outside the vendor can flash it; what works is said in the sentence
  'flash/no-agentboot', // data {chip, transport}: to be given by the user
  'flash/wrong-agentboot', // data {expected, actual}
  'flash/no-download-port', // data {waitedMs, transport}: the module did not come back in download mode
  'flash/protected', // data {offset, sizeBytes, what}: calibration data
  'nvs/bad-csv', // data {line, reason}
  'nvs/bad-value', // data {namespace, key, reason}
  'nvs/too-big', // data {sizeBytes, neededBytes}
  'nvs/missing-variable', // data {name}
  'provisioning/bad-list', // data {line, reason}
  'provisioning/unnamed', // data {}: a device was chosen and no value holds it
  'provisioning/list-empty', // data {listId}: every device of it is used
  'provisioning/duplicate', // data {productId, deviceName, line?, listName?}: a list has it already
  'provisioning/several-boards', // data {productId, deviceName, boards}: one device was chosen for more than one board
  'provisioning/used', // data {productId, deviceName}: of a list, and another board has it
  'provisioning/reserved', // data {listId, productId?, deviceName?}: being burned at this moment
  'recipe/bad-file', // data {reason}
  'wifi/no-radio', // data {method}: this host cannot; the sentence says what to do instead
  'wifi/no-answer', // data {method, step, address?, reason?, attempts?, malformed?}
  'wifi/refused', // data {method, step, code, reason}
  'wifi/not-seen', // data {method, deviceName, waitedMs}: it took the network's name and password, and did not come to this bench
  'wifi/busy', // data {method}: another setup of this method is under way
  'wifi/radio-lost', // data {step, reason}: the Bluetooth connection ended, or the window with the radio was closed
  // pipeline
  'listen/in-use', // data {listener, port}
  'listen/refused', // data {listener, host, reason}
  'engine/unavailable', // data {stage, engine, missing}
  'engine/failed', // data {stage, engine, reason}
  'engine/timeout', // data {stage, engine, timeoutMs}
  'engine/rate-limited', // data {stage, engine, retryAfterMs?}
  'audio/bad-wav', // data {path?, reason}
  'audio/decode', // data {codec, reason}
  'gateway/malformed', // data {gateway, what, offset?, reason}
  'device/unknown', // data {productId, deviceName}
  'device/bad-secret', // data {productId, deviceName}
  'device/duplicate', // data {productId, deviceName}
  'tool/timeout', // data {name, timeoutMs}
  'tool/failed', // data {name, code, status}
  'talk/no-reply', // data {waitedMs}
  'talk/refused', // data {stage, reason}
  // AT
  'at/timeout', // data {command, timeoutMs}: the modem began or not, but did not end its answer
  'at/module-reset', // data {address, line}: it started anew with commands under way
  'at/not-answering', // data {address, attempts}: after a lost answer it was not found again
  'at/no-data', // data {command}: it asked for data that were not given
  'at/data-mode', // data {address}: the bytes are the peer's now
  // store and sessions
  'store/disk-full', // data {path}
  'store/corrupt', // data {path, movedTo}
  'store/newer-schema', // data {path, found, supported}
  'store/locked', // data {path}
  'session/not-found', // data {id}
  'session/recording', // data {id}: closed sessions only
  'session/bad-file', // data {path, reason}
  'settings/invalid', // data {key, issues}
  'saving/failed', // data {path, reason}: a log file cannot be written
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface TalkErrorValue {
  code: ErrorCode;
  data: Record<string, unknown>;
  retryable: boolean;
}

/** The thrown form of an expected failure, for use inside a process. Crosses boundaries as its `value`. */
export class TalkError extends Error {
  readonly value: TalkErrorValue;

  constructor(code: ErrorCode, data: Record<string, unknown> = {}, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TalkError';
    this.value = { code, data, retryable: options.retryable ?? false };
  }

  /** The thrown form of a value that crossed a boundary. */
  static from(value: TalkErrorValue): TalkError {
    return new TalkError(value.code, value.data, { retryable: value.retryable });
  }

  get code(): ErrorCode {
    return this.value.code;
  }
}

export function isTalkError(error: unknown, code?: ErrorCode): error is TalkError {
  return error instanceof TalkError && (code === undefined || error.code === code);
}
