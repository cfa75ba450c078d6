"""Addresses of account, team and organization pages; `api_patterns` go below `api/v1/`."""

from django.urls import include, path

from accounts.adapter import account_routes
from accounts.api import MeView
from accounts.views import organizations, people, team

api_patterns = [path("me", MeView.as_view(), name="api_me")]

urlpatterns = [
    path("accounts/", include(account_routes())),
    path("organizations/new/", organizations.organization_create, name="organization_create"),
    path("organizations/switch/", organizations.organization_switch, name="organization_switch"),
    path("invitations/<uuid:organization_id>/<str:token>/", people.invitation, name="invitation"),
    path("profile/", people.profile, name="profile"),
    path("settings/", organizations.organization_settings, name="organization_settings"),
    path("audit/", organizations.audit_log, name="audit_log"),
    path("audit/verify/", organizations.audit_verify, name="audit_verify"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.member_invite, name="member_invite"),
    path("team/invitations/<uuid:invitation_id>/resend/", team.invitation_resend, name="invitation_resend"),
    path("team/invitations/<uuid:invitation_id>/revoke/", team.invitation_revoke, name="invitation_revoke"),
    path("team/members/<uuid:membership_id>/role/", team.member_role, name="member_role"),
    path("team/members/<uuid:membership_id>/remove/", team.member_remove, name="member_remove"),
]
