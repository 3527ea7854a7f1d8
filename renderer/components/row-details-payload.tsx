import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './row-details.module.css';

/** A board may send an array of any length; so many members are drawn before the reader asks for more. */
const membersAtOnce = 100;
const openLevels = 3;

/** JSON as a tree that folds. Values are written as JSON writes them, so that "1" and 1 differ. */
export function PayloadTree({ value }: { value: unknown }) {
  return (
    <div className={css.tree}>
      <Value value={value} level={0} />
    </div>
  );
}

function Value({ value, level }: { value: unknown; level: number }) {
  if (typeof value !== 'object' || value === null) return <span data-kind={typeof value}>{JSON.stringify(value) ?? 'undefined'}</span>;
  return <Members value={value} level={level} />;
}

function Members({ value, level }: { value: object; level: number }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(membersAtOnce);
  const [isOpen, setOpen] = useState(level < openLevels);
  const members = Object.entries(value);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (members.length === 0) return <span>{`${open}${close}`}</span>;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {open}
        <span className="quiet"> {members.length} </span>
        {close}
      </summary>
      {isOpen && (
        <div className={css.members}>
          {members.slice(0, shown).map(([name, member]) => (
            <div key={name}>
              <span className={css.name}>{name}: </span>
              <Value value={member} level={level + 1} />
            </div>
          ))}
          {members.length > shown && (
            <button type="button" className={css.more} onClick={() => setShown(shown + membersAtOnce)}>
              {t('log.moreItems', { count: members.length - shown })}
            </button>
          )}
        </div>
      )}
    </details>
  );
}
