import type { FlashRecord } from '../../preload/contract/sessions.ts';

/** A flash job of a session, one line and one for each file. `startedWallMs`: of the session. */
export function flashRecordText(flash: FlashRecord, startedWallMs: number): string {
  const { kind, state, tool, address, label, device, chip, mac, elapsedMs, atUs, boardState, files, result, error } = flash;
  const facts = [
    `flash ${kind} ${state}`,
    new Date(startedWallMs + atUs / 1000).toISOString(),
    `${(elapsedMs / 1000).toFixed(1)} s`,
    label === null ? address : `${label} ${address}`,
    [chip, mac].filter((each) => each !== null).join(' ') || 'no chip known',
    ...(device === null ? [] : [`as ${device.productId}/${device.deviceName}`]),
    `board ${boardState ?? 'unknown'}`,
    `${tool.name} ${tool.version} (${tool.family})`,
  ];
  return [
    facts.join('\t'),
    ...files.map(({ offset, name, sizeBytes, sha256, verified }) =>
      [`  0x${offset.toString(16)}`, `${sizeBytes} bytes`, name, `sha256 ${sha256 || '—'}`, ...verdict(verified)].join('\t'),
    ),
    ...(result === null ? [] : [`  read\t${result.sizeBytes} bytes\t${result.name}\tsha256 ${result.sha256}`]),
    ...(error === null ? [] : [`  error ${error.code} ${JSON.stringify(error.data)}`]),
  ].join('\n');
}

function verdict(verified: boolean | null): string[] {
  return verified === null ? [] : [verified ? 'verified' : 'differs'];
}
