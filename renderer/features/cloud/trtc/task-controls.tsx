import { Button, Checkbox, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrtcTask } from '../../../../preload/contract/cloud/trtc.ts';
import { useAction } from '../../../lib/actions.ts';
import css from '../services.module.css';

const leaveCodes = [0, 1, 2, 3, 4, 98, 99] as const;

/** What a backend may do with a task, by the same actions; and what the service may do to it. */
export function TaskControls({ task }: { task: TrtcTask }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [told, setTold] = useState<Record<string, unknown> | null>(null);
  const [leaveCode, setLeaveCode] = useState<string>('98');
  const { taskId } = task;

  async function ask(): Promise<void> {
    const reply = await run('trtc.call', { action: 'DescribeAIConversation', parameters: { TaskId: taskId } });
    if (reply !== null) setTold(reply.response);
  }

  return (
    <div className={css.detail}>
      <dl className={css.facts}>
        <dt>TaskId</dt>
        <dd className="mono">{taskId}</dd>
        {task.sessionId !== '' && (
          <>
            <dt>SessionId</dt>
            <dd className="mono">{task.sessionId}</dd>
          </>
        )}
        {task.notes.length > 0 && (
          <>
            <dt>{t('trtc.notes')}</dt>
            <dd>
              {task.notes.map((note) => (
                <div key={note}>{note}</div>
              ))}
            </dd>
          </>
        )}
      </dl>
      {task.status !== 'Stopped' && (
        <>
          <Say taskId={taskId} />
          <Update taskId={taskId} />
        </>
      )}
      <div className={css.row}>
        <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => void ask()}>
          DescribeAIConversation
        </Button>
        {task.status !== 'Stopped' && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              disabled={isBusy}
              onClick={() => void run('trtc.call', { action: 'StopAIConversation', parameters: { TaskId: taskId } })}
            >
              StopAIConversation
            </Button>
            <span style={{ flex: 1 }} />
            <Select
              size="xs"
              w={200}
              aria-label={t('trtc.leaveCode')}
              allowDeselect={false}
              value={leaveCode}
              data={leaveCodes.map((code) => ({ value: String(code), label: `${code} · ${t(`trtc.leave.${code}`)}` }))}
              onChange={(code) => code !== null && setLeaveCode(code)}
            />
            <Button
              size="compact-sm"
              variant="default"
              disabled={isBusy}
              onClick={() => void run('trtc.end', { taskId, leaveCode: Number(leaveCode) as (typeof leaveCodes)[number] })}
            >
              {t('trtc.endSo')}
            </Button>
          </>
        )}
      </div>
      {told !== null && <pre className={css.code}>{JSON.stringify(told, null, 2)}</pre>}
    </div>
  );
}

/** ControlAIConversation: a text to be said, or asked of the language model. */
function Say({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [command, setCommand] = useState<'ServerPushText' | 'InvokeLLM'>('ServerPushText');
  const [text, setText] = useState('');
  const [isInterrupting, setInterrupting] = useState(true);
  const [isLast, setLast] = useState(false);

  async function send(): Promise<void> {
    const what =
      command === 'ServerPushText'
        ? { ServerPushText: { Text: text, Interrupt: isInterrupting, StopAfterPlay: isLast } }
        : { InvokeLLM: { Content: text, Interrupt: isInterrupting } };
    const done = await run('trtc.call', { action: 'ControlAIConversation', parameters: { TaskId: taskId, Command: command, ...what } });
    if (done !== null) setText((typed) => (typed === text ? '' : typed));
  }

  return (
    <form
      className={css.row}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void send();
      }}
    >
      <SegmentedControl
        size="xs"
        aria-label="Command"
        value={command}
        onChange={setCommand}
        data={[
          { value: 'ServerPushText', label: t('trtc.say') },
          { value: 'InvokeLLM', label: t('trtc.ask') },
        ]}
      />
      <TextInput
        className={css.grow}
        size="xs"
        maxLength={2000}
        aria-label={t(command === 'InvokeLLM' ? 'trtc.askHint' : 'trtc.sayHint')}
        placeholder={t(command === 'InvokeLLM' ? 'trtc.askHint' : 'trtc.sayHint')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label={t('trtc.interrupt')}
        checked={isInterrupting}
        onChange={(event) => setInterrupting(event.currentTarget.checked)}
      />
      {command === 'ServerPushText' && (
        <Checkbox size="xs" label={t('trtc.last')} checked={isLast} onChange={(event) => setLast(event.currentTarget.checked)} />
      )}
      <Button size="compact-sm" type="submit" disabled={isBusy || text.trim() === ''}>
        {t('monitor.send')}
      </Button>
    </form>
  );
}

/** UpdateAIConversation: what of a running conversation can be changed. */
function Update({ taskId }: { taskId: string }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [mode, setMode] = useState<string | null>(null);
  const [duration, setDuration] = useState<number | string>('');
  const [welcome, setWelcome] = useState('');
  const changes = {
    ...(welcome !== '' && { WelcomeMessage: welcome }),
    ...(mode !== null && { InterruptMode: Number(mode) }),
    ...(duration !== '' && { InterruptSpeechDuration: Number(duration) }),
  };
  return (
    <div className={css.row}>
      <TextInput
        className={css.grow}
        size="xs"
        aria-label="WelcomeMessage"
        placeholder="WelcomeMessage"
        maxLength={500}
        value={welcome}
        onChange={(event) => setWelcome(event.currentTarget.value)}
      />
      <Select
        size="xs"
        w={150}
        clearable
        aria-label="InterruptMode"
        placeholder="InterruptMode"
        value={mode}
        data={[0, 1].map((value) => ({ value: String(value), label: `${value} · ${t(`trtc.valueOf.InterruptMode.${value as 0}`)}` }))}
        onChange={setMode}
      />
      <NumberInput
        size="xs"
        w={150}
        aria-label="InterruptSpeechDuration"
        placeholder="InterruptSpeechDuration"
        min={300}
        max={5000}
        step={100}
        value={duration}
        onChange={setDuration}
      />
      <Button
        size="compact-sm"
        variant="default"
        disabled={isBusy || Object.keys(changes).length === 0}
        onClick={() => void run('trtc.call', { action: 'UpdateAIConversation', parameters: { TaskId: taskId, ...changes } })}
      >
        UpdateAIConversation
      </Button>
    </div>
  );
}
