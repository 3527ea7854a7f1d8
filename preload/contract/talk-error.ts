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
  'flash/bad-offset', // data {offset, reason, …}: reasons.ts
  'flash/no-offset', // data {name, reason, …}: a file without an offset that nothing finds a place for; reasons.ts
  'flash/does-not-fit', // data {name, sizeBytes, partition, partitionBytes}
  'flash/no-image', // data {name, offset, place}: a chip starts nothing of it; only with force
  'flash/not-booting', // data {said}: all of it is written, and the board does not start it; its own words
  'flash/files-changed', // data {names}: since the plan that was shown
  'flash/wrong-port', // data {address, expected, actual}: by its USB ids another kind of board; only with force
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
  'nvs/bad-csv', // data {line, reason, …}: reasons.ts
  'nvs/bad-value', // data {namespace, key, reason, …}: reasons.ts
  'nvs/too-big', // data {sizeBytes, neededBytes}
  'nvs/missing-variable', // data {name}
  'nvs/not-an-image', // data {sizeBytes}
  'provisioning/bad-list', // data {line, reason, …}: reasons.ts
  'provisioning/header-unknown', // data {line, header}: of a list; it may be a header in other words, or a device
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
  'listen/privileged', // data {listener, port}: a port below 1024 that this user may not open
  'engine/unavailable', // data {stage, engine, missing}
  'engine/failed', // data {stage, engine, reason}
  'engine/timeout', // data {stage, engine, timeoutMs}
  'engine/rate-limited', // data {stage, engine, retryAfterMs?}
  'engine/unauthorized', // data {stage, engine, reason}: the key is wrong, or may not do this
  'engine/unreachable', // data {stage, engine, address, reason}: no connection to the service
  'engine/cut', // data {stage, engine, reason}: the connection ended in the middle of an answer
  'engine/bad-config', // data {field, reason}
  'engine/in-use', // data {id, by}
  'model/no-space', // data {neededBytes, freeBytes}
  'model/mismatch', // data {path, expected, actual}: not the file of the catalogue; it was thrown away
  'model/download-failed', // data {url, status?, reason}
  'model/incomplete', // data {folder, missing}
  'agent/bad-config', // data {path, reason}: not TWeTalk's or TRTC's configuration
  'agent/bad-thing-model', // data {path, reason}
  'agent/in-use', // data {id, by}
  'agent/plain-secret', // data {where}: a key that every viewer would see
  'scenario/bad-file', // data {line?, reason}
  'suite/bad-file', // data {line?, reason}
  'check/bad-list', // data {line?, reason}
  'check/built-in', // data {id}: lists that come with the product are not changed; a copy is
  'check/list-differs', // data {id, name, version}: a list of that name and version is here and says something else
  'check/busy', // data {runId, productId?, deviceName?}: that board is being checked, or another that says it is the same device
  'check/link-impaired', // data {productId, deviceName}: somebody made its network worse on purpose
  'check/bad-opus', // data {reason}
  'check/sound-removed', // data {id}: by retention; what was measured of it stays
  'check/no-serial-number', // data {matches, example}: the list wants one
  'check/serial-number', // data {serialNumber, matches, example}: not one of this list's boards
  'check/other-board', // data {by: device|mac|imei, expected, actual}: what is on the port is not the board that the run is of
  'check/board-left', // data {}: it restarted, or its connection ended, in the middle of a check
  'report/no-printer', // data {}: no Chromium, Chrome or Edge on this machine that makes a PDF of the page
  'suite/no-file', // data {path, reason}: what a suite names cannot be read
  'suite/nothing-to-run', // data {only}: no case of that name
  'audio/bad-wav', // data {path?, reason}
  'audio/decode', // data {codec, reason}
  'audio/unavailable', // data {missing}: no PortAudio on this machine, or what it needs
  'audio/no-device', // data {direction: 'input'|'output', wanted}: `wanted` is empty when any would do
  'audio/device-failed', // data {direction, device, reason}: it is there and does not open, or went away
  'audio/process-ended', // data {reason: 'exit'|'start-timeout'|'heartbeat'|'no-audio', code}: the process that holds the sound devices
  'gateway/malformed', // data {gateway, what, offset?, reason}
  'broker/unreachable', // data {url, reason}: the MQTT broker of the lab's
  'product/in-use', // data {productId, devices}: it has devices
  'device/unknown', // data {productId, deviceName}
  'device/bad-secret', // data {productId, deviceName}
  'device/duplicate', // data {productId, deviceName}
  'device/offline', // data {productId, deviceName}
  'device/not-subscribed', // data {productId, deviceName, topic}
  'device/no-action', // data {productId, actionId, known}: not in the product's thing model
  'device/no-property', // data {productId, propertyId, reason: 'unknown'|'read-only'}
  'ota/no-listener', // data {error}: nothing serves firmware
  'ota/in-use', // data {name}
  'call/busy', // data {productId, deviceName}
  'call/over', // data {callId, state}
  'tool/timeout', // data {name, timeoutMs}
  'tool/failed', // data {name, code, status}
  'tool/unknown', // data {name}: the agent has none of that name
  'tool/bad-arguments', // data {name, issues: [{path, reason, expected}]}: it was not run
  'talk/no-reply', // data {waitedMs}
  'talk/refused', // data {stage, reason}
  'tuya/no-debug-port', // data {address, reason}: nothing there, or not in time
  'cloud/refused', // data {code, message}: in the words of the cloud's API
  // speech services
  'speech/refused', // data {service, code, reason}: what the service itself answered
  'speech/pair', // data {engine, source, target}: languages that what translates cannot do
  'speech/language', // data {stage, engine, language}: a recogniser or voice without that language
  'speech/unknown-words', // data {engine}: nothing of it is in the phrase table
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
  // replay
  'replay/no-uplink', // data {sessionId, conversationId}: nothing the user said was recorded
  'replay/bad-uplink', // data {startUs, sampleRate}: the recorded packets have times or rates that no microphone has
  'replay/no-device', // data {gateway}: no virtual device speaks that protocol
  'replay/bad-address', // data {address, gateway, wanted}: not how that protocol is reached
  'replay/credentials', // data {gateway, missing}: of the remote, to be given by the user
  'replay/device-online', // data {productId, deviceName}: the recorded device itself is connected
  'replay/no-conversation', // data {id}: none in the session, or none whose beginning was recorded
  'replay/needs-rerun', // data {keys}: settings that act on what engines answer
  'replay/no-log', // data {sessionId}: no port's bytes were recorded, or the file is empty
  'export/collector', // data {url, reason, status}: spans were not taken; status null where nothing answered
  // latency
  'latency/bad-assertion', // data {text, reason, name?}: reasons.ts
  'latency/bad-budget', // data {reason, at?, line?}: reasons.ts
  'latency/not-stereo', // data {channels}
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
