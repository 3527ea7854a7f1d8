import { Button, NativeSelect, Slider, Switch } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LinkImpairment } from '../../../../preload/contract/checks.ts';
import { useAction } from '../../../lib/actions.ts';
import { useToasts } from '../../../lib/toasts.ts';
import shared from '../checks.module.css';
import css from './link.module.css';
import { isNothing, presetNames, presets, rateStop, rates, sameAs, unimpaired } from './presets.ts';

interface LinkFormProps {
  productId: string;
  deviceName: string;
  now: LinkImpairment;
}

const cutsMs = [0, 2000, 10_000, 30_000, 120_000] as const;

/** What is to be done to one device's link. A preset sets the sliders; nothing is done to the link before "apply". */
export function LinkForm({ productId, deviceName, now }: LinkFormProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const [wanted, setWanted] = useState(now);
  const [cutMs, setCutMs] = useState<number>(0);
  const change = (changes: Partial<LinkImpairment>): void => setWanted({ ...wanted, ...changes });
  const rateText = (stop: number): string => {
    const rate = rates[stop] ?? null;
    return rate === null ? t('checks.link.unlimited') : `${rate} kbit/s`;
  };

  async function impair(impairment: LinkImpairment): Promise<void> {
    setWanted(impairment);
    await run('link.impair', { productId, deviceName, impairment: isNothing(impairment) ? null : impairment });
  }
  async function cut(): Promise<void> {
    const done = await run('link.cut', { productId, deviceName, forMs: cutMs });
    if (done !== null) show({ kind: 'done', text: t('checks.link.cutDone', { count: done.connections }) });
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void impair(wanted);
  }
  return (
    <form className={css.linkForm} onSubmit={onSubmit}>
      <fieldset className={css.presets}>
        <legend>{t('checks.link.presets')}</legend>
        {presetNames.map((name) => (
          <Button
            key={name}
            size="compact-sm"
            variant={sameAs(wanted, presets[name]) ? 'filled' : 'default'}
            aria-pressed={sameAs(wanted, presets[name])}
            onClick={() => setWanted(presets[name])}
          >
            {t(`checks.link.preset.${name}`)}
          </Button>
        ))}
      </fieldset>
      <Measure label={t('checks.link.delay')} text={`${wanted.delayMs} ms`}>
        {(id) => <Slider {...slider(id)} value={wanted.delayMs} max={2000} step={10} onChange={(delayMs) => change({ delayMs })} />}
      </Measure>
      <Measure label={t('checks.link.jitter')} text={`${wanted.jitterMs} ms`}>
        {(id) => <Slider {...slider(id)} value={wanted.jitterMs} max={1000} step={10} onChange={(jitterMs) => change({ jitterMs })} />}
      </Measure>
      <Measure label={t('checks.link.loss')} text={`${wanted.lossPercent}%`} hint={t('checks.link.lossHint')}>
        {(id) => (
          <Slider {...slider(id)} value={wanted.lossPercent} max={50} step={0.5} onChange={(lossPercent) => change({ lossPercent })} />
        )}
      </Measure>
      <Measure label={t('checks.link.rate')} text={rateText(rateStop(wanted.rateKbitS))}>
        {(id) => (
          <Slider
            {...slider(id)}
            value={rateStop(wanted.rateKbitS)}
            max={rates.length - 1}
            step={1}
            onChange={(stop) => change({ rateKbitS: rates[stop] ?? null })}
          />
        )}
      </Measure>
      <Switch
        label={t('checks.link.stalled')}
        checked={wanted.isStalled}
        onChange={(event) => change({ isStalled: event.currentTarget.checked })}
      />
      <div className={css.linkBar}>
        <Button type="submit" loading={isBusy} disabled={sameAs(wanted, now)}>
          {t(isNothing(now) ? 'checks.link.apply' : 'checks.link.change')}
        </Button>
        <Button variant="default" disabled={isBusy || isNothing(now)} onClick={() => void impair(unimpaired)}>
          {t('checks.link.takeOff')}
        </Button>
        <span className={`${shared.grow} quiet`} role="status">
          {sameAs(wanted, now) ? '' : t('checks.link.pending')}
        </span>
        <Button color="red.9" leftSection={<IconPlugConnectedX size={16} aria-hidden />} disabled={isBusy} onClick={() => void cut()}>
          {t('checks.link.cut')}
        </Button>
        <NativeSelect
          size="xs"
          aria-label={`${t('checks.link.cut')}: ${t('checks.link.cutFor')}`}
          value={String(cutMs)}
          data={cutsMs.map((ms) => ({
            value: String(ms),
            label: ms === 0 ? t('checks.link.cutOnce') : `${t('checks.link.cutFor')} ${ms / 1000} s`,
          }))}
          onChange={(event) => setCutMs(Number(event.currentTarget.value))}
        />
      </div>
    </form>
  );
}

const slider = (labelledBy: string) => ({ min: 0, label: null, thumbProps: { 'aria-labelledby': labelledBy } });

function Measure({ label, text, hint, children }: { label: string; text: string; hint?: string; children(id: string): React.ReactNode }) {
  const id = useId();
  return (
    <div className={css.measure}>
      <span id={id}>{label}</span>
      {children(id)}
      <output>{text}</output>
      {hint !== undefined && <small className="quiet">{hint}</small>}
    </div>
  );
}
