import { Button } from '@mantine/core';
import { IconRobot, IconUser, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { TrtcState } from '../../../../preload/contract/cloud/trtc.ts';
import { useAction } from '../../../lib/actions.ts';
import css from '../cloud.module.css';
import own from '../services.module.css';

type Room = TrtcState['rooms'][number];

/** The open rooms and who is in them. */
export function RoomList({ rooms }: { rooms: readonly Room[] }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="trtc-rooms">
      <h2 id="trtc-rooms">{t('trtc.rooms')}</h2>
      {rooms.length === 0 && <p className="quiet">{t('trtc.noRooms')}</p>}
      {rooms.map((room) => (
        <RoomCard key={`${room.sdkAppId} ${room.roomIdType} ${room.roomId}`} room={room} />
      ))}
    </section>
  );
}

function RoomCard({ room }: { room: Room }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { sdkAppId, roomId, roomIdType, users, robots } = room;
  const everybody = [...users.filter((user) => !robots.includes(user)), ...robots];
  const suffix = roomIdType === 1 ? 'ByStrRoomId' : '';
  const where = { SdkAppId: sdkAppId, RoomId: roomIdType === 1 ? roomId : Number(roomId) };
  return (
    <article className={css.card} aria-label={t('trtc.roomNamed', { roomId })} style={{ marginTop: 8 }}>
      <div className={css.head}>
        <span>
          <strong className="mono">{roomId}</strong>{' '}
          <span className="quiet">
            {t(`trtc.roomKind.${roomIdType}`)} · SDKAppID {sdkAppId}
          </span>
        </span>
        <a className={own.link} href={`#/wire?gateway=trtc&find=${encodeURIComponent(roomId)}`}>
          {t('cloud.onWire')}
        </a>
        <Button
          size="compact-xs"
          variant="default"
          disabled={isBusy}
          onClick={() => void run('trtc.call', { action: `DismissRoom${suffix}`, parameters: where })}
        >
          {t('trtc.dismiss')}
        </Button>
      </div>
      <ul className={own.chips}>
        {everybody.map((user) => (
          <li key={user}>
            {robots.includes(user) ? (
              <IconRobot size={14} aria-label={t('trtc.robot')} />
            ) : (
              <IconUser size={14} aria-label={t('trtc.user')} />
            )}
            <span className="truncate">{user}</span>
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              disabled={isBusy}
              aria-label={t('trtc.remove', { user })}
              title={t('trtc.remove', { user })}
              onClick={() => void run('trtc.call', { action: `RemoveUser${suffix}`, parameters: { ...where, UserIds: [user] } })}
            >
              <IconX size={12} aria-hidden />
            </Button>
          </li>
        ))}
      </ul>
    </article>
  );
}
