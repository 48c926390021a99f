/** A ring, as Okta's sign is. */
export const OktaMark = ({ size = 28 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 28 28" aria-hidden>
    <circle cx="14" cy="14" r="9.2" fill="none" stroke="currentColor" strokeWidth="5.6" />
  </svg>
);
