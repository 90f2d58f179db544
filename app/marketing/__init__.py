"""What the store does to be found and liked; so far: reviews."""

from app.marketing.models import Review, ReviewStatus
from app.marketing.reviews import (
    AlreadyReviewed,
    NotReviewable,
    Rating,
    can_review,
    publish_review,
    published_reviews,
    reject_review,
    reviews_of,
    submit_review,
)

__all__ = [
    "AlreadyReviewed",
    "NotReviewable",
    "Rating",
    "Review",
    "ReviewStatus",
    "can_review",
    "publish_review",
    "published_reviews",
    "reject_review",
    "reviews_of",
    "submit_review",
]
