import { useEffect, useState } from 'preact/hooks';

/** Time in ms in which the second click has to come. */
const patience = 4_000;

interface Props {
  readonly label: string;
  /** What is said to those who do not see where the button stands. */
  readonly about: string;
  readonly isDangerous?: boolean;
  readonly onConfirm: () => void;
}

/** A button that asks once more. */
export function ConfirmButton({ label, about, isDangerous = false, onConfirm }: Props) {
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return undefined;
    const timer = setTimeout(() => setAsking(false), patience);
    return () => clearTimeout(timer);
  }, [isAsking]);
  const click = (): void => {
    if (isAsking) onConfirm();
    setAsking(!isAsking);
  };
  const tone = isAsking ? 'asking' : isDangerous ? 'dangerous' : '';
  return (
    <button
      type="button"
      class={`small ${tone}`}
      aria-label={isAsking ? `Really ${label.toLowerCase()} ${about}?` : `${label} ${about}`}
      onClick={click}
      onBlur={() => setAsking(false)}
    >
      {isAsking ? 'Sure?' : label}
    </button>
  );
}
