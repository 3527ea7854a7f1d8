import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrtcTask } from '../../../../preload/contract/cloud/trtc.ts';
import { useAction } from '../../../lib/actions.ts';
import { clockText } from '../../../lib/quantities.ts';
import { useToasts } from '../../../lib/toasts.ts';
import css from '../cloud.module.css';
import { TaskControls } from './task-controls.tsx';

const stateClass: Record<TrtcTask['status'], string | undefined> = { Preparing: css.wait, InProgress: css.good, Stopped: undefined };

/** The tasks of StartAIConversation, the newest first; one opens to be controlled. */
export function TaskList({ tasks }: { tasks: readonly TrtcTask[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const show = useToasts((state) => state.show);
  const [openId, setOpenId] = useState<string | null>(null);

  async function failNext(): Promise<void> {
    if ((await run('trtc.failNextStart', {})) !== null) show({ kind: 'done', text: t('trtc.failNextDone') });
  }

  return (
    <section aria-labelledby="trtc-tasks">
      <div className={css.head}>
        <h2 id="trtc-tasks">{t('trtc.tasks')}</h2>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlugConnectedX size={14} aria-hidden />}
          title={t('trtc.failNextHint')}
          disabled={isBusy}
          onClick={() => void failNext()}
        >
          {t('trtc.failNext')}
        </Button>
      </div>
      {tasks.length === 0 ? (
        <p className="quiet">{t('trtc.noTasks')}</p>
      ) : (
        <table className={css.table}>
          <thead>
            <tr>
              <th style={{ width: 90 }}>{t('trtc.status')}</th>
              <th style={{ width: 100 }}>{t('trtc.started')}</th>
              <th>{t('trtc.who')}</th>
              <th style={{ width: 100 }}>{t('trtc.room')}</th>
              <th style={{ width: 190 }}>{t('trtc.leaveCode')}</th>
            </tr>
          </thead>
          <tbody>
            {tasks
              .toSorted((a, b) => b.startedWallMs - a.startedWallMs)
              .map((task) => (
                <Fragment key={task.taskId}>
                  <tr aria-selected={openId === task.taskId}>
                    <td className={stateClass[task.status]} title={task.status}>
                      {t(`trtc.statusOf.${task.status}`)}
                    </td>
                    <td className="mono quiet">{clockText(task.startedWallMs)}</td>
                    <td title={task.taskId}>
                      <button
                        type="button"
                        className={css.open}
                        aria-expanded={openId === task.taskId}
                        onClick={() => setOpenId(openId === task.taskId ? null : task.taskId)}
                      >
                        {task.robotUserId} → {task.targetUserId}
                      </button>
                    </td>
                    <td className="mono" title={t(`trtc.roomKind.${task.roomIdType}`)}>
                      {task.roomId}
                    </td>
                    <td className="quiet">
                      {task.leaveCode !== null && `${task.leaveCode} · ${t(`trtc.leave.${task.leaveCode as 0}`, { defaultValue: '' })}`}
                    </td>
                  </tr>
                  {openId === task.taskId && (
                    <tr>
                      <td colSpan={5} className={css.whole}>
                        <TaskControls task={task} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
