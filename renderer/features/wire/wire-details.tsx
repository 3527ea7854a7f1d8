import { Button, Textarea } from '@mantine/core';
import { IconCopy, IconPencil, IconSend, IconX } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { readRefusalNote } from '../../../preload/contract/cloud/refusals.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { BytesView } from '../../components/bytes-view.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PayloadTree } from '../../components/row-details-payload.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { bytesText, clockText } from '../../lib/quantities.ts';
import { useToasts } from '../../lib/toasts.ts';
import css from './wire.module.css';

function parsed(text: string | undefined): object | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' ? value : null;
  } catch {
    return null; // not every message is JSON
  }
}

/** One message whole, and sent once more. */
export function WireDetails({ id, onClose }: { id: number; onClose(): void }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<TalkErrorValue | null>(null);
  const show = useToasts((state) => state.show);
  const reply = useReply('wire.get', { id });
  const [draft, setDraft] = useState<string | null>(null);
  const message = reply.data;
  const value = parsed(message?.text);

  async function send(text: string | null): Promise<void> {
    setBusy(true);
    setRefusal(null);
    try {
      await lab.call('wire.resend', { id, ...(text !== null && { text }) });
      show({ kind: 'done', text: t('wire.sent') });
    } catch (error) {
      if (!isCancelled(error)) setRefusal(errorValueOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <aside className={css.details} aria-labelledby="wire-details">
      <header className={css.head}>
        <h2 id="wire-details" className="mono truncate" title={message?.name}>
          {message?.name ?? ''}
        </h2>
        <Button variant="subtle" color="gray" size="compact-xs" aria-label={t('frame.close')} onClick={onClose}>
          <IconX size={14} />
        </Button>
      </header>
      {reply.error !== null && <ErrorNotice error={errorValueOf(reply.error)} />}
      {message !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
        <section className={css.content} tabIndex={0} aria-label={t('wire.content')}>
          <dl className={css.facts}>
            <dt>{t('wire.time')}</dt>
            <dd className="mono">{clockText(message.wallMs)}</dd>
            <dt>{t('wire.way')}</dt>
            <dd>
              {t(`session.direction.${message.direction}`)} · {message.gateway} · {message.channel} · {bytesText(message.sizeBytes)}
              {message.isUnknown && <strong className={css.unknown}> · {t('session.unknownMessage')}</strong>}
            </dd>
            {message.deviceId !== undefined && (
              <>
                <dt>{t('wire.device')}</dt>
                <dd>
                  <a className={css.link} href={`#/wire?device=${encodeURIComponent(message.deviceId)}`}>
                    {message.deviceId}
                  </a>
                </dd>
              </>
            )}
            {message.conversationId !== undefined && (
              <>
                <dt>{t('wire.conversation')}</dt>
                <dd>
                  <a className={css.link} href={`#/wire?conversation=${encodeURIComponent(message.conversationId)}`}>
                    {message.conversationId.slice(0, 8)}
                  </a>
                  {message.turnId !== undefined && ` · ${t('wire.turn', { turn: message.turnId })}`}
                </dd>
              </>
            )}
            {message.sessionId !== null && (
              <>
                <dt>{t('wire.session')}</dt>
                <dd>
                  <a className={css.link} href={sessionLink(message.sessionId, message.conversationId, message.turnId)}>
                    {t('wire.openSession')}
                  </a>
                </dd>
              </>
            )}
            {message.note !== undefined && (
              <>
                <dt>{t('wire.note')}</dt>
                <dd>{noteOf(t, message.note)}</dd>
              </>
            )}
          </dl>
          {draft === null ? (
            <>
              {value !== null && <PayloadTree value={value} />}
              {value === null && message.text !== undefined && message.text !== '' && <pre className={css.text}>{message.text}</pre>}
              {message.bytes !== undefined && <BytesView bytes={message.bytes} />}
            </>
          ) : (
            <Textarea
              autosize
              minRows={6}
              maxRows={20}
              value={draft}
              aria-label={t('wire.edited')}
              classNames={{ input: 'mono' }}
              onChange={(event) => setDraft(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void send(draft);
              }}
            />
          )}
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, and these are buttons */}
          <div className={css.buttons} role="group" aria-label={t('wire.again')}>
            <Button size="xs" leftSection={<IconSend size={14} />} disabled={isBusy} onClick={() => void send(draft)}>
              {t(message.direction === 'up' ? 'wire.replayUp' : 'wire.resendDown')}
            </Button>
            {draft === null && message.text !== undefined && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPencil size={14} />}
                onClick={() => setDraft(value === null ? (message.text ?? '') : JSON.stringify(value, null, 2))}
              >
                {t('wire.edit')}
              </Button>
            )}
            {draft !== null && (
              <Button size="xs" variant="default" onClick={() => setDraft(null)}>
                {t('frame.cancel')}
              </Button>
            )}
            {message.text !== undefined && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconCopy size={14} />}
                onClick={() => void navigator.clipboard.writeText(draft ?? message.text ?? '')}
              >
                {t('frame.copy')}
              </Button>
            )}
          </div>
          {refusal === null ? (
            <div className="quiet">{t(message.direction === 'up' ? 'wire.replayHint' : 'wire.resendHint')}</div>
          ) : (
            <NotSent error={refusal} />
          )}
        </section>
      )}
    </aside>
  );
}

/** A refusal is said in the reader's words; other notes are as they were recorded. */
function noteOf(t: TFunction, note: string): string {
  const refusal = readRefusalNote(note);
  if (refusal === null) return note;
  const { reason, hint } = refusal;
  return t('wire.refused', {
    is: t(`refusals.${reason}.is`),
    next: t(hint === undefined ? `refusals.${reason}.next` : `refusalHints.${hint}`),
  });
}

/** Why a message was not sent again; in this place the common sentences would say too little. */
function NotSent({ error }: { error: TalkErrorValue }) {
  const { t } = useTranslation();
  const { what, why } = error.data as { what?: string; why?: string };
  const reason =
    error.code === 'unsupported'
      ? why === 'redacted'
        ? 'secret'
        : 'kind'
      : error.code === 'not-found' && what !== 'message'
        ? 'gone'
        : error.code === 'bad-request'
          ? 'text'
          : null;
  if (reason === null) return <ErrorNotice error={error} />;
  return (
    <div role="alert" className={css.notSent} data-error-code={error.code}>
      {t(`wire.notSent.${reason}`)}
    </div>
  );
}

function sessionLink(sessionId: string, conversationId?: string, turnId?: number): string {
  const selected =
    conversationId !== undefined && turnId !== undefined ? `?sel=${encodeURIComponent(`turn:${turnId}:${conversationId}`)}` : '';
  return `#/sessions/${encodeURIComponent(sessionId)}${selected}`;
}
