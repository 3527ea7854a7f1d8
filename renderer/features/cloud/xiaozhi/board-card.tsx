import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { XiaozhiBoard } from '../../../../preload/contract/cloud/xiaozhi.ts';
import { useAction } from '../../../lib/actions.ts';
import { clockText } from '../../../lib/quantities.ts';
import css from '../cloud.module.css';
import { JsonText } from '../json-text.tsx';
import own from '../services.module.css';
import { ToolCall } from './tool-call.tsx';

const stateClass = { connecting: css.wait, idle: undefined, listening: css.good, speaking: css.good } as const;

/** One connected board: how it talks, what can be told to it, and what it can do. */
export function BoardCard({ board }: { board: XiaozhiBoard }) {
  const { t } = useTranslation();
  const { deviceName, transport, protocolVersion, mode, state, openedWallMs, conversationId, tools } = board;
  return (
    <article className={css.card} aria-label={deviceName}>
      <div className={css.head}>
        <span className="truncate">
          <strong className="mono">{deviceName}</strong> <span className={stateClass[state]}>{t(`xiaozhi.stateOf.${state}`)}</span>{' '}
          <span className="quiet">
            {transport === 'udp' ? 'MQTT + UDP' : `WebSocket V${protocolVersion}`} ·{' '}
            {mode === null ? t('xiaozhi.noMode') : t(`xiaozhi.modeOf.${mode}`)} · {clockText(openedWallMs).slice(0, 8)}
          </span>
        </span>
        <a className={own.link} href={`#/wire?conversation=${encodeURIComponent(conversationId)}`}>
          {t('cloud.onWire')}
        </a>
      </div>
      <ToolCall deviceName={deviceName} tools={tools} />
      <SendMessage deviceName={deviceName} />
    </article>
  );
}

const templates = {
  reboot: { type: 'system', command: 'reboot' },
  alert: { type: 'alert', status: 'Talkbench', message: '你好', emotion: 'happy' },
  emotion: { type: 'llm', emotion: 'happy', text: '😊' },
} as const;

/** A message as it stands, out of a template or typed. */
function SendMessage({ deviceName }: { deviceName: string }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [message, setMessage] = useState<Record<string, unknown>>(templates.alert);
  return (
    <details className={own.fold}>
      <summary>{t('xiaozhi.send')}</summary>
      <div className={own.form}>
        <div className={own.row}>
          {(['alert', 'emotion', 'reboot'] as const).map((name) => (
            <Button key={name} size="compact-xs" variant="default" onClick={() => setMessage(templates[name])}>
              {t(`xiaozhi.template.${name}`)}
            </Button>
          ))}
        </div>
        <JsonText label={t('xiaozhi.message')} minRows={3} value={message} onChange={setMessage} />
        <div className={own.row}>
          <Button size="xs" variant="default" disabled={isBusy} onClick={() => void run('xiaozhi.send', { deviceName, message })}>
            {t('monitor.send')}
          </Button>
        </div>
      </div>
    </details>
  );
}
