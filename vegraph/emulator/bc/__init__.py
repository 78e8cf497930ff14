"""Business Central as a dialect of the engine: API v2.0, custom routes, companies, actions, webhooks."""
