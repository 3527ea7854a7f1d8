import { z } from 'zod';
import { type AtBringUp, type AtValue, bringUpNexts } from '../../../../../preload/contract/at.ts';
import { isLuhnValid } from '../../../at/decode.ts';
import { otherFamily } from '../../bench/family.ts';
import type { Bench } from '../../bench.ts';
import { check, type Measured, type Measurement } from '../../check.ts';

const EVIDENCE_LINES = 200;

/** An LTE cat.1 module from its identity to a bearer: the AT chain of docs/at.md, or where no AT port answers what its log told of the same. */
export const sim = check({
  name: 'identity.sim',
  group: 'identity',
  needs: ['port', 'cat1'],
  parameters: z.strictObject({}),
  values: [
    { name: 'failedSteps', unit: 'count', limit: { max: 0 } },
    { name: 'isImeiValid', limit: { equals: true }, next: 'write-imei' },
    { name: 'isSimReady', limit: { equals: true }, next: 'insert-sim' },
    { name: 'rssiDbm', unit: 'dBm', limit: { min: -91 }, next: 'check-antenna' },
    { name: 'isRegistered', limit: { equals: true }, next: 'wait-for-network' },
    { name: 'hasAddress', limit: { equals: true }, next: 'check-apn' },
    { name: 'rsrpDbm', unit: 'dBm', next: 'check-antenna' },
    { name: 'rsrqDb', unit: 'dB', next: 'check-antenna' },
    { name: 'snrDb', unit: 'dB', next: 'check-antenna' },
    { name: 'imei' },
    { name: 'iccid' },
    { name: 'operator' },
    { name: 'pingMs', unit: 'ms', next: 'check-route' },
    { name: 'model' },
    { name: 'firstFailed' },
  ],
  nexts: bringUpNexts,
  async measure(bench) {
    const { port } = bench;
    if (port === null) return { skipped: 'no-port' };
    const other = otherFamily(port, 'cat1');
    if (other !== null) return { skipped: other };
    const result = await port.bringUp();
    const hasAnswered = result.steps.find(({ id }) => id === 'answers')?.state !== 'failed';
    const logged = hasAnswered ? null : fromLog(bench);
    const measured = logged ?? fromChain(result);
    for (const name of ['imei', 'iccid', 'operator', 'model'] as const) {
      const value = measured.values[name];
      if (typeof value === 'string') bench.facts.set(name === 'model' ? 'module' : name, value);
    }
    return measured;
  },
});

type Told = Extract<Measured, { values: Record<string, Measurement>; next?: string }>;

function fromChain({ steps, firstFailed, failed, model }: AtBringUp): Told {
  const values = steps.flatMap((step) => step.values);
  const found = (name: AtValue['name']) => values.find((value) => value.name === name && value.value !== null);
  const state = (id: AtBringUp['steps'][number]['id']) => steps.find((step) => step.id === id)?.state;
  const isGood = (id: AtBringUp['steps'][number]['id']) => state(id) === 'passed' || state(id) === 'warning';
  const cause = steps.find(({ number }) => number === firstFailed);
  const imei = found('imei');
  const told = {
    ...{ rssiDbm: found('rssi')?.value, rsrpDbm: found('rsrp')?.value, rsrqDb: found('rsrq')?.value, snrDb: found('snr')?.value },
    ...{ imei: imei?.value, iccid: found('iccid')?.value, operator: found('operator')?.value, pingMs: found('rtt')?.value },
    ...{ model, firstFailed: cause?.id },
  };
  return {
    values: {
      failedSteps: failed,
      isImeiValid: isGood('imei') && imei?.verdict === 'good',
      isSimReady: isGood('sim'),
      isRegistered: isGood('registration'),
      hasAddress: isGood('bearer'),
      ...known(told),
    },
    evidence: [
      {
        kind: 'lines',
        label: 'at',
        lines: steps
          .flatMap(({ commands, evidence }) => [...commands.map((command) => `> ${command}`), ...evidence])
          .slice(0, EVIDENCE_LINES),
      },
    ],
    ...(cause?.next !== undefined && { next: cause.next }),
  };
}

/** LuatOS firmware says most of it by itself; null where it has said nothing. */
function fromLog(bench: Bench): Told | null {
  const facts = bench.port?.state()?.facts ?? {};
  if (facts.imei === undefined && facts.sim === undefined) return null;
  const imei = String(facts.imei ?? '');
  const isNetworkUp = bench.port?.state()?.steps.find(({ step }) => step === 'network')?.state === 'done';
  // Of 3GPP TS 27.007, as AT+CSQ has it; LuatOS prints the number alone.
  const csq = typeof facts.csq === 'number' && facts.csq <= 31 ? facts.csq * 2 - 113 : undefined;
  return {
    values: {
      failedSteps: 0,
      isImeiValid: /^\d{15}$/.test(imei) && Number(imei) !== 0 && isLuhnValid(imei),
      isSimReady: facts.sim === 'ready' || facts.iccid !== undefined,
      isRegistered: isNetworkUp,
      hasAddress: isNetworkUp,
      ...known({
        ...{ rssiDbm: facts.rssiDbm ?? csq, rsrpDbm: facts.rsrpDbm, rsrqDb: facts.rsrqDb, snrDb: facts.snrDb },
        ...{ imei: facts.imei, iccid: facts.iccid, operator: facts.operator, model: facts.model },
      }),
    },
  };
}

function known(values: Record<string, string | number | null | undefined>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, value]])),
  );
}
