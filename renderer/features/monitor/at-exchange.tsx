import { useTranslation } from 'react-i18next';
import type { AtExchange, AtFinal, AtUrc } from '../../../preload/contract/at.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import css from './at-console.module.css';
import { verdictOf } from './at-state.ts';
import { AtValues } from './at-values.tsx';

export function useFinalText(): (final: AtFinal) => string {
  const { t } = useTranslation();
  return ({ kind, code, text, meaning }) => {
    const said = `${t(`at.final.${kind}`)}${code === undefined && text === undefined ? '' : ` ${code ?? text}`}`;
    // The table of meanings is the core's; a test holds the words to it.
    return meaning === undefined ? said : `${said} · ${t(`at.meaning.${meaning as 'unknown'}`)}`;
  };
}

/** One command and what became of it. Clicked, the command stands in the line again. */
export function ExchangeItem({ exchange, onReuse }: { exchange: AtExchange; onReuse(command: string): void }) {
  const { t } = useTranslation();
  const finalText = useFinalText();
  const { command, lines, final, values, error, sentAtUs, endedAtUs, state } = exchange;
  const isFine = final?.kind === 'ok' || final?.kind === 'connect';
  const took = sentAtUs === undefined || endedAtUs === undefined ? null : Math.round((endedAtUs - sentAtUs) / 1000);
  const progress = { queued: t('at.waiting'), running: t('at.running'), prompted: t('at.prompted'), done: null, failed: null }[state];
  return (
    <li className={css.exchange} data-verdict={verdictOf(exchange)} data-source={exchange.source} data-command={command}>
      <div className={css.commandRow}>
        <button type="button" className={css.resend} onClick={() => onReuse(command)}>
          {command}
        </button>
        <span className={css.took}>{progress ?? (took === null ? '' : t('at.took', { ms: took }))}</span>
      </div>
      {lines.length > 0 && <pre className={css.raw}>{lines.join('\n')}</pre>}
      {final !== undefined && !(isFine && lines.length > 0) && (
        <pre className={`${css.raw} ${css.final}`} data-final={isFine ? 'fine' : 'failed'}>
          {finalText(final)}
        </pre>
      )}
      {error !== undefined && <ErrorText error={error} />}
      <AtValues values={values} />
    </li>
  );
}

export function UrcItem({ urc }: { urc: AtUrc }) {
  const { t } = useTranslation();
  return (
    <li className={css.urc} data-kind={urc.kind}>
      <span className={css.text}>{urc.text}</span>
      {urc.kind === 'stray' && <span>{t('at.stray')}</span>}
      <AtValues values={urc.values} />
    </li>
  );
}
