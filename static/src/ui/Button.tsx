import type { ButtonHTMLAttributes, ComponentChildren, Ref } from 'preact';
import { Icon } from './Icon';

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class' | 'icon' | 'size'>;

export type ButtonProps = Native & {
  kind?: 'primary' | 'secondary' | 'ghost' | 'danger';
  size?: 'small' | 'medium' | 'large';
  icon?: IconShape;
  /** stands after the words */
  endIcon?: IconShape;
  isBlock?: boolean;
  /** works; a second press does nothing */
  isBusy?: boolean;
  children: ComponentChildren;
  buttonRef?: Ref<HTMLButtonElement>;
};

export function Button(props: ButtonProps) {
  const {
    kind = 'secondary',
    size = 'medium',
    icon,
    endIcon,
    isBlock,
    isBusy,
    children,
    buttonRef,
    ...rest
  } = props;
  const classes = [
    'button',
    `button-${kind}`,
    size !== 'medium' && `button-${size}`,
    isBlock && 'button-block',
  ];
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={classes.filter(Boolean).join(' ')}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : rest.onClick}
    >
      {icon && <Icon of={icon} />}
      {children}
      {endIcon && <Icon of={endIcon} flips />}
    </button>
  );
}

export type IconButtonProps = Native & {
  icon: IconShape;
  /** the name; also shown as a tooltip */
  label: string;
  flips?: boolean;
  isSolid?: boolean;
  /** drawn over the corner, such as a Badge */
  children?: ComponentChildren;
  buttonRef?: Ref<HTMLButtonElement>;
};

export function IconButton({ icon, label, flips, isSolid, children, buttonRef, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      ref={buttonRef}
      class={isSolid ? 'icon-button icon-button-solid' : 'icon-button'}
      aria-label={label}
    >
      <Icon of={icon} flips={flips} />
      {children}
    </button>
  );
}
