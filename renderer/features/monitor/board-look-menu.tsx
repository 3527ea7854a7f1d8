import { Popover, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type BoardFace, boardColours, colourText, setBoardLook } from './board-looks.ts';
import css from './popover.module.css';

/** The colour of a board; behind it, its colour and name to be changed. */
export function BoardLookMenu({ lookKey, face, label }: { lookKey: string; face: BoardFace; label: string }) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  const [name, setName] = useState(face.name);
  return (
    <Popover
      opened={isShown}
      onChange={(next) => {
        setShown(next);
        if (!next && name !== face.name) setBoardLook(lookKey, { name: name.trim() });
      }}
      position="bottom-start"
      withArrow
      trapFocus
    >
      <Popover.Target>
        <button
          type="button"
          className={css.swatch}
          style={{ background: colourText[face.colour], width: 12, height: 12 }}
          aria-label={t('monitor.board.look', { name: label })}
          title={t('monitor.board.look', { name: label })}
          onClick={() => {
            setName(face.name);
            setShown(!isShown);
          }}
        />
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 230 }}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setBoardLook(lookKey, { name: name.trim() });
            setShown(false);
          }}
        >
          <TextInput label={t('monitor.board.name')} maxLength={40} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        </form>
        <section className={css.row} aria-label={t('monitor.board.colour')}>
          {boardColours.map((colour) => (
            <button
              key={colour}
              type="button"
              className={css.swatch}
              style={{ background: colourText[colour] }}
              aria-label={t(`monitor.colour.${colour}`)}
              aria-pressed={face.colour === colour}
              onClick={() => setBoardLook(lookKey, { colour })}
            />
          ))}
        </section>
      </Popover.Dropdown>
    </Popover>
  );
}
