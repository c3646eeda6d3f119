"""The gateway process: web chat, REST, WebSocket, authentication, policy, execution."""
