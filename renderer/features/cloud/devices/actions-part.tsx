import { Button } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ThingModel } from '../../../../preload/contract/agents.ts';
import type { CallReply } from '../../../../preload/contract/index.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { PayloadTree } from '../../../components/row-details-payload.tsx';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import css from './devices.module.css';
import { ThingField } from './thing-field.tsx';
import { readDraft } from './thing-value.ts';

/** The actions of the thing model, each with a form and what the board answered. */
export function ActionsPart({ device, model }: { device: DeviceRecord; model: ThingModel }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.body} tabIndex={0} aria-label={t('devices.part.actions')}>
      {model.actions.length === 0 && (
        <p className="quiet">
          {t('devices.noActions')}{' '}
          <a href={`#/agents?product=${encodeURIComponent(device.productId)}&part=thingModel`}>{t('devices.thingModel')}</a>
        </p>
      )}
      {model.actions.map((action) => (
        <ActionCard key={action.id} device={device} action={action} />
      ))}
    </section>
  );
}

type Action = ThingModel['actions'][number];
type Outcome = CallReply<'device.action'> | TalkErrorValue;

function ActionCard({ device, action }: { device: DeviceRecord; action: Action }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>(() => startOf(action));
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { id, name, desc } = action;
  const values = action.input.map((parameter) => {
    const draft = drafts[parameter.id] ?? '';
    const isOptional = parameter.required === false;
    return { parameter, draft, isOptional, read: isOptional && draft === '' ? null : readDraft(parameter.define, draft) };
  });
  const isComplete = values.every(({ read }) => read === null || 'value' in read);

  async function run(): Promise<void> {
    if (!isComplete) return;
    setBusy(true);
    setOutcome(null);
    const params = Object.fromEntries(
      values.flatMap(({ parameter, read }) => (read !== null && 'value' in read ? [[parameter.id, read.value]] : [])),
    );
    const { productId, deviceName } = device;
    try {
      setOutcome(await lab.call('device.action', { productId, deviceName, actionId: id, params }));
    } catch (error) {
      setOutcome(errorValueOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <article className={css.card} aria-label={name === '' ? id : name}>
      <div className={css.row}>
        <strong>{name === '' ? id : name}</strong>
        <span className="mono quiet">{id}</span>
        <span className={css.grow} />
        <Button
          size="compact-sm"
          loading={isBusy}
          disabled={!isComplete}
          leftSection={<IconPlayerPlay size={13} aria-hidden />}
          aria-label={t('devices.runOf', { name: name === '' ? id : name })}
          onClick={() => void run()}
        >
          {t('devices.run')}
        </Button>
      </div>
      {desc !== '' && <div className="quiet">{desc}</div>}
      {values.length > 0 && (
        <div className={css.form}>
          {values.map(({ parameter, draft, isOptional }) => (
            <ThingField
              key={parameter.id}
              isLabelShown
              isOptional={isOptional}
              label={parameter.name === '' ? parameter.id : `${parameter.name} (${parameter.id})`}
              define={parameter.define}
              draft={draft}
              onChange={(next) => setDrafts((known) => ({ ...known, [parameter.id]: next }))}
              onEnter={() => void run()}
            />
          ))}
        </div>
      )}
      {outcome !== null &&
        ('code' in outcome ? (
          <ErrorNotice error={outcome} />
        ) : (
          <div role="status">
            <div className={css.good}>{t('devices.answered', { ms: Math.round(outcome.elapsedMs) })}</div>
            <PayloadTree value={outcome.response} />
          </div>
        ))}
    </article>
  );
}

/** A switch is off until it is moved; everything else is asked for. */
function startOf({ input }: Action): Record<string, string> {
  return Object.fromEntries(input.map(({ id, define }) => [id, define.type === 'bool' ? '0' : '']));
}
