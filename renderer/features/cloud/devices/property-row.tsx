import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ThingModel } from '../../../../preload/contract/agents.ts';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorText } from '../../../components/error-notice.tsx';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import type { DeviceName } from './device-streams.ts';
import css from './devices.module.css';
import { ThingField } from './thing-field.tsx';
import { draftOf, readDraft, valueText } from './thing-value.ts';
import { timeText } from './time-text.ts';

interface PropertyRowProps {
  device: DeviceName;
  property: ThingModel['properties'][number];
  /** As the board last said; `atWallMs` 0: before the bench was started. */
  reported: { value: unknown; atWallMs: number } | null;
  /** Set here, and not yet taken by the board. */
  waiting: { value: unknown } | null;
}

/** One property: what it is, and a control for what may be set. */
export function PropertyRow({ device, property, reported, waiting }: PropertyRowProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const { id, name, define, mode } = property;
  // Until something is typed the control shows what the board says.
  const [typed, setTyped] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<CallReply<'device.control'> | TalkErrorValue | null>(null);
  const draft = typed ?? draftOf(define, (waiting ?? reported)?.value);
  const read = readDraft(define, draft);
  const label = name === '' ? id : name;
  // One gesture is one decision: a switch and a choice need no button beside them.
  const isAtOnce = define.type === 'bool' || define.type === 'enum' || define.type === 'stringenum';

  async function set(text: string): Promise<void> {
    const next = readDraft(define, text);
    if ('problem' in next) return;
    setBusy(true);
    setOutcome(null);
    try {
      const { productId, deviceName } = device;
      setOutcome(await lab.call('device.control', { productId, deviceName, properties: { [id]: next.value } }));
    } catch (error) {
      setOutcome(errorValueOf(error));
    } finally {
      setTyped(null);
      setBusy(false);
    }
  }
  function change(text: string): void {
    setTyped(text);
    if (isAtOnce) void set(text);
  }

  return (
    <div className={css.property} data-property={id}>
      <div className="truncate" title={id}>
        {label} {label !== id && <span className="mono quiet">{id}</span>}
      </div>
      <div className={css.value}>
        {valueText(define, reported?.value)}
        {reported !== null && reported.atWallMs > 0 && <small>{timeText(reported.atWallMs)}</small>}
      </div>
      {mode === 'r' ? (
        <span className="quiet">{t('devices.readOnly')}</span>
      ) : (
        <div className={css.editor}>
          <ThingField label={label} define={define} draft={draft} onChange={change} onEnter={() => void set(draft)} />
          {!isAtOnce && (
            <Button
              size="compact-sm"
              variant="default"
              loading={isBusy}
              disabled={'problem' in read}
              aria-label={t('devices.setOf', { name: label })}
              onClick={() => void set(draft)}
            >
              {t('devices.set')}
            </Button>
          )}
        </div>
      )}
      {waiting !== null && (
        <div data-wide className="quiet" role="status">
          {t('devices.waiting', { value: valueText(define, waiting.value) })}
        </div>
      )}
      {outcome !== null && !('outcome' in outcome && outcome.outcome === 'kept') && (
        <div data-wide role="status">
          {'code' in outcome ? (
            <ErrorText error={outcome} />
          ) : (
            <span className={css.good}>{t('devices.done', { ms: Math.round(outcome.elapsedMs) })}</span>
          )}
        </div>
      )}
    </div>
  );
}
