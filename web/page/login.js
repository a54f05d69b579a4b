// For the login form. On the way from a foreign page the browser leaves the
// login's cookie behind (SameSite=Strict), and who has logged in would be asked
// again: going on from here, it takes it along.

try {
  if (new URL(document.referrer).host !== location.host) location.replace(location.href);
} catch {
  // There is no page before this one.
}
